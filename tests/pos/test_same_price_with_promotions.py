"""Same basket, same customer, same moment: the same price in basket, order, quote and receipt."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.sales import baskets, orders
from app.workflows import checkout, quoting, return_order
from app.workflows.return_order import Returned
from catalog import promotions
from catalog.promotion_sums import Rule
from catalog.promotions import Offer
from kit import clock
from kit.database import reading, transaction
from tests import small_shop
from tests.pos.register import Register
from tests.small_shop import HOOK, LURE, MUELLER, PAN, WEDNESDAY, basket_with, buyer

BEFORE = WEDNESDAY - timedelta(days=1)

lines = st.dictionaries(st.sampled_from((LURE, HOOK, PAN)), st.integers(1, 9), min_size=1)
some = st.sets(st.sampled_from((LURE, HOOK, PAN)), max_size=2).map(frozenset)
offers = st.lists(
    st.builds(
        Offer,
        rule=st.builds(
            Rule,
            ref=st.just(""),
            kind=st.sampled_from(["percent", "amount", "buy_get"]),
            name_de=st.just("Aktion"),
            name_en=st.just("Offer"),
            basis_points=st.sampled_from([500, 1337, 10_000]),
            amount_minor=st.integers(1, 5000),
            buy_units=st.integers(1, 3),
            get_units=st.integers(1, 2),
            min_minor=st.sampled_from([0, 2000]),
            stackable=st.booleans(),
            skus=some,
            categories=st.sampled_from([frozenset(), frozenset({"koeder"})]),
        ),
        starts_at=st.just(BEFORE),
        code=st.sampled_from([None, "ANGELN"]),
        price_groups=st.sampled_from([frozenset(), frozenset({"stamm"})]),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda offer: offer.code or id(offer),
)


@pytest.fixture
def register(wednesday, sound, client):
    """A till in a shop with plenty of everything."""
    places = [("lager", LURE), ("lager", HOOK), ("lager", PAN), ("bonn", LURE), ("bonn", HOOK)]
    small_shop.build(dict.fromkeys([*places, ("bonn", PAN)], 5000))
    return Register(client)


@pytest.fixture
def emptied(register):
    """Forget the promotions of the example before."""

    def forget():
        with reading() as session:
            refs = [made.ref for made in promotions.listed(session)]
        with transaction() as session:
            for ref in refs:
                promotions.end(session, ref, actor="test")
            session.execute(text("UPDATE promotions SET code = NULL"))

    return forget


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    # An example takes a tenth of a second: what failed is shown as it is.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    lines=lines,
    offers=offers,
    number=st.sampled_from([None, MUELLER]),
    code=st.sampled_from([None, "ANGELN"]),
)
def test_four_places_one_price(register, emptied, lines, offers, number, code):
    with clock.frozen(WEDNESDAY - timedelta(hours=1)):
        emptied()
    with transaction() as session:
        for offer in offers:
            promotions.create(session, offer, actor="test")
    wanted = list(lines.items())
    code = code if any(offer.code == code for offer in offers) else None
    with clock.frozen(WEDNESDAY):
        with reading() as session:
            web = quoting.quote(
                session,
                wanted,
                customer_number=number,
                postal_code="53111",
                at=WEDNESDAY,
                code=code,
            )
        asked = {
            "lines": [{"sku": sku, "quantity": units} for sku, units in wanted],
            "customer_number": number,
            "promotion_code": code,
        }
        till = register.post("/quotes", asked).get_json()
        receipt = register.post("/sales", sale_of(till)).get_json()
        token = basket_with(*wanted, number=number)
        with transaction() as session:
            baskets.attach_code(session, baskets.by_token(session, token), code)
        placed = checkout.place(token, buyer(), web.total_minor)
        with reading() as session:
            order = orders.by_ref(session, placed.order_ref)
            ordered = facts(vars(line) for line in orders.lines_of(session, order))
    shown = {
        line.sku: (
            line.unit_minor,
            line.discount_minor,
            line.line_minor,
            [(one.ref, one.amount_minor) for one in line.promotions],
        )
        for line in web.basket.lines
    }
    assert facts(till["lines"]) == shown
    assert facts(receipt["lines"]) == shown
    assert ordered == shown
    goods = web.basket.goods_minor
    assert (till["total_minor"], receipt["total_minor"], order.goods_minor) == (goods,) * 3
    assert goods == sum(unit * lines[sku] - off for sku, (unit, off, _, _) in shown.items())
    assert_returns_bring_back_what_was_paid(receipt)


def sale_of(quote):
    sale_of.count += 1
    return {
        "sale_id": f"promoted-{sale_of.count:06d}",
        "lines": [
            {
                "sku": line["sku"],
                "quantity": line["quantity"],
                "unit_minor": line["unit_minor"],
                "promotions": [
                    {"ref": one["ref"], "amount_minor": one["amount_minor"]}
                    for one in line["promotions"]
                ],
            }
            for line in quote["lines"]
        ],
        "tenders": [{"method": "cash", "amount_minor": quote["total_minor"]}],
        "customer_number": (quote["customer"] or {}).get("number"),
        "promotion_code": quote["promotion_code"],
    }


sale_of.count = 0


def facts(found):
    return {
        line["sku"]: (
            line["unit_minor"],
            line["discount_minor"],
            line["line_minor"],
            [(one["ref"], one["amount_minor"]) for one in line["promotions"]],
        )
        for line in found
    }


def assert_returns_bring_back_what_was_paid(receipt):
    with reading() as session:
        order = orders.by_ref(session, receipt["order_ref"])
        rows = orders.lines_of(session, order)
        noted = [one for one in orders.timeline(session, order.ref) if one.what == "sold_at_till"]
    assert noted[0].facts["differing_prices"] == []
    back = 0
    for row in rows:
        by_unit = [
            return_order.take_back(
                order.ref,
                [Returned(row.id, 1)],
                location="bonn",
                actor="test",
                key=f"{row.id}/{unit}",
            )
            for unit in range(row.quantity)
        ]
        assert sum(by_unit) == row.line_minor
        assert max(by_unit) - min(by_unit) <= 1
        back += sum(by_unit)
    assert back == receipt["total_minor"]
