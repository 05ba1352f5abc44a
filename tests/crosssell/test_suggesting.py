"""One ranking of links, rules and what was learnt, of what can be had, the same on web and till."""

import threading
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.workflows import learn_together, quoting, suggest
from catalog import pricing, publishing
from catalog.crosssell import receipts, rules
from catalog.crosssell.rules import Rule, Side
from fulfilment.stock import ledger
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid
from tests import small_shop
from tests.small_shop import HOOK, LURE, PAN, WEDNESDAY

BAG, LID, WIRE = "BAG-1", "LID-28", "WIRE-1"
FAMILIES = {BAG: "bag", LID: "lid", WIRE: "leader", HOOK: "hook_offset", PAN: "pan"}
pytestmark = pytest.mark.usefixtures("wednesday", "database")


@pytest.fixture
def shop():
    """The small shop with a bag, a lid and a wire; hooks know their size and lures their length."""
    small_shop.build({("lager", LURE): 9, ("lager", HOOK): 9, ("lager", PAN): 9})
    with transaction() as session:
        for sku in (BAG, LID, WIRE):
            put(session, sku, FAMILIES[sku])
            stock(session, sku, 5)
        for sku, family, attributes in (
            (HOOK, "hook_offset", {"size": "3/0"}),
            (LURE, "lure_shad", {"length_mm": 90}),
        ):
            put(session, sku, family, attributes)


def put(session, sku, family, attributes=None):
    publishing.put_product(
        session, sku.lower(), category="koeder", family=family, name_de=sku, name_en=sku,
        text_de="Text.", text_en="Text.", brand="Rhein", maker=small_shop._MAKER,
    )  # fmt: skip
    publishing.put_item(
        session, sku, product=sku.lower(), weight_grams=30, attributes=attributes or {}
    )
    pricing.set_price(session, sku, 500, WEDNESDAY - timedelta(days=90)) if sku in (
        BAG, LID, WIRE,
    ) else None  # fmt: skip


def stock(session, sku, units, place="lager"):
    ledger.receive(
        session, place, [(sku, units)], document="more", actor="test",
        key=f"more/{place}/{sku}/{uuid.uuid4()}",
    )  # fmt: skip


def bought(*baskets_of, times=1):
    with transaction() as session:
        for number in range(times):
            for skus in baskets_of:
                receipts.sell(
                    session, f"K-{number}-{'/'.join(skus)}", skus, channel="till",
                    sold_at=clock.now(),
                )  # fmt: skip
    learn_together.learn_everything()


def offered(*skus, **more):
    with reading() as session:
        found = suggest.suggest(session, skus, price_group=pricing.STANDARD, at=clock.now(), **more)
    return [(one.item.sku, one.kind, one.extra_parcels) for one in found]


def test_needed_comes_before_what_is_often_bought_however_often(shop):
    bought([LURE, BAG], times=60)
    assert offered(LURE) == [(HOOK, "needs", 0), (BAG, "together", 0)]
    with reading() as session:
        found = suggest.suggest(session, [LURE], price_group=pricing.STANDARD, at=clock.now())
    assert found[0].reason("de") == "passt zu Rheinshad 9 cm"
    assert found[1].reason("de") == f"wird oft mit {LURE} gekauft"


def test_links_of_cold_goods_fade_as_the_formula_says(shop):
    with transaction() as session:
        publishing.put_link(session, "fits", WIRE, source=LURE, reason_de="passt", reason_en="fits")
    assert offered(LURE) == [(HOOK, "needs", 0), (WIRE, "fits", 0)]
    bought([LURE, BAG], times=20)
    with reading() as session:
        found = suggest.ranking.because(session, [LURE], [WIRE, BAG])
    # Twenty receipts: evidence one half.
    assert found[WIRE][0].score == pytest.approx(0.5 * 0.5)
    assert found[BAG][0].origin == "learnt"
    assert 0.5 < found[BAG][0].score < 0.6
    assert [sku for sku, _, _ in offered(LURE)] == [HOOK, BAG, WIRE]
    assert [sku for sku, _, _ in offered(LURE, learnt=False)] == [HOOK, WIRE]


def test_a_rule_speaks_for_goods_that_nobody_has_linked(shop):
    rule = Rule(
        "fits", Side("lure_*", "length_mm", "80", "120"), Side("hook_offset", "size", "2/0", "4/0"),
        "passt zu Ködern von 8 bis 12 cm", "fits lures of 8 to 12 cm",
    )  # fmt: skip
    with transaction() as session:
        put(session, "RS-12", "lure_shad", {"length_mm": 120})
        put(session, "RS-14", "lure_shad", {"length_mm": 140})
        stock(session, "RS-12", 5)
        stock(session, "RS-14", 5)
        number = rules.put(session, rule, actor="Frau Adler")
        assert [view.matches for view in rules.listed(session)] == [2]
    assert offered("RS-12") == [(HOOK, "fits", 0)]
    assert offered("RS-14") == []
    with transaction() as session:
        rules.set_active(session, number, "Frau Adler", active=False)
    assert offered("RS-12") == []
    with transaction() as session:
        assert [edit.action for edit in rules.history(session)] == ["stopped", "made"]
        with pytest.raises(Invalid, match="rule_family"):
            rules.put(session, Rule("fits", Side("Köder"), Side("pan"), "a", "b"), actor="x")


@pytest.mark.parametrize(
    ("value", "sizes", "number"),
    [("3/0", True, 3), ("1", True, 0), ("4", True, -3), ("4", False, 4), ("0,10", False, 0.1),
     ("motoroil", True, None), (None, False, None)],
)  # fmt: skip
def test_hook_sizes_lie_on_one_scale(value, sizes, number):
    assert rules.measure(value, sizes=sizes) == number


def test_what_was_bought_last_week_is_not_offered_unless_it_is_used_up(shop):
    bought([LURE, BAG], times=30)
    order = small_shop.basket_with((BAG, 1), number=small_shop.MUELLER)
    from app.workflows import checkout

    placed = checkout.place(order, small_shop.buyer())
    assert placed
    everybody, mueller = offered(LURE), offered(LURE, customer=small_shop.MUELLER)
    assert BAG in [sku for sku, _, _ in everybody]
    assert BAG not in [sku for sku, _, _ in mueller]
    with transaction() as session:
        rules.set_consumed(session, {"bag"})
    assert offered(LURE, customer=small_shop.MUELLER) == everybody


def test_web_and_till_offer_the_same(shop):
    bought([LURE, BAG], [LURE, WIRE], times=10)
    with reading() as session:
        quote = quoting.quote(
            session, [(LURE, 1)], customer_number=None, postal_code=None, at=clock.now()
        )
        web = suggest.beside(session, quote, at=clock.now())
    assert [(one.item.sku, one.kind, one.extra_parcels) for one in web] == offered(LURE)


def test_the_page_counts_what_was_shown_added_and_ordered(shop, client, settle_events):
    from catalog.crosssell import measuring
    from tests.web.storefront import add

    add(client, LURE)
    client.get("/warenkorb")
    client.get("/warenkorb")
    assert client.get(f"/warenkorb/vorschlag/{HOOK}").status_code == 303
    add(client, HOOK, source="suggestion")
    add(client, HOOK, source="suggestion")
    with reading() as session:
        shown = measuring.places(session, clock.today())
    assert [(one.source, one.position, one.shown, one.clicked, one.added, one.unavailable)
            for one in shown] == [("needs", 1, 1, 1, 1, 0)]  # fmt: skip


def test_a_rule_over_many_goods_names_those_that_sell_best(shop, monkeypatch):
    monkeypatch.setattr(rules, "MOST_TARGETS", 1)
    bought([WIRE, PAN], times=3)
    with transaction() as session:
        for sku in ("OH-40", "OH-50"):
            put(session, sku, "hook_offset")
            pricing.set_price(session, sku, 500, WEDNESDAY - timedelta(days=90))
            stock(session, sku, 5)
        learnt = {"OH-50": 4.0, "OH-40": 2.0}
        for sku, weight in learnt.items():
            session.execute(
                text("INSERT INTO crosssell_counts SELECT max(id), :sku, :weight"
                     " FROM crosssell_models"), {"sku": sku, "weight": weight},
            )  # fmt: skip
        named = Rule("fits", Side("bag"), Side("hook_offset"), "passt", "fits")
        rules.put(session, named, actor="Frau Adler")
        assert [view.matches for view in rules.listed(session)] == [1]
    assert offered(BAG) == [("OH-50", "fits", 0)]


class Trade:
    """Goods that go and come; `gone` names those of which everybody has to know that they went."""

    def __init__(self):
        self.gone, self.changes, self.carried = set(), 0, 0

    def change(self, sku, act, *, away):
        # Between these two nobody can say; before and after, everybody has to know.
        self.changes += 1
        self.gone.discard(sku)
        with transaction() as session:
            act(session)
        if away:
            self.gone.add(sku)
        self.changes += 1

    def block(self, *, away):
        self.change(LID, lambda session: publishing.put_item(
            session, LID, product=LID.lower(), weight_grams=30, sellable=not away
        ), away=away)  # fmt: skip

    def carry_off(self):
        self.carried += 1
        move = ledger.Move(
            sku=BAG, quantity=5, from_account="shelf", from_location="lager", to_account="loss",
            to_location=None, cause="write_off", document="gone", key=f"gone/{self.carried}",
        )  # fmt: skip
        self.change(BAG, lambda session: ledger.move(
            session, [move], actor="test", channel="office"
        ), away=True)  # fmt: skip

    def go(self):
        self.block(away=True)
        self.carry_off()


@pytest.mark.race
def test_a_blocked_or_sold_out_item_never_appears(shop):
    """While goods are blocked and sold and come again, none appears that was gone all the time."""
    bought([LURE, BAG], [LURE, WIRE], [LURE, LID], times=5)
    trade, stop, wrong = Trade(), threading.Event(), []

    def come_and_go():
        for _ in range(10):
            trade.go()
            trade.block(away=False)
            trade.change(BAG, lambda session: stock(session, BAG, 5), away=False)
        trade.go()
        stop.set()

    def look():
        over = False
        while not over:
            over = stop.is_set()
            before, away = trade.changes, set(trade.gone)
            found = {sku for sku, _, _ in offered(LURE)}
            if trade.changes == before:
                wrong.extend(found & away)

    threads = [
        threading.Thread(target=come_and_go),
        *(threading.Thread(target=look) for _ in range(3)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert trade.carried == 11
    assert [sku for sku, _, _ in offered(LURE)] == [HOOK, WIRE]
