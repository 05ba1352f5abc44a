"""The demo shop as the seed leaves it: the story's goods lie where the story needs them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from app import invariants
from app.sales.models import Order
from catalog import documents, links, pricing, products, release, search
from catalog.models import Document, Item, Price, Product
from demo.network_rules import LATE_MINOR
from demo.people import customer_rows, number_of
from demo.seed import _sales, picture_of, seed
from demo.stockroom import fast_skus, quantities
from fulfilment.answers import availability
from fulfilment.inbound import incoming
from fulfilment.models import StockBalance, StockMovement
from fulfilment.routing import snapshot
from fulfilment.routing.decide import decide
from fulfilment.routing.problem import Line
from fulfilment.rules import Rules, live, publishing
from kit import clock
from kit.database import reading
from loyalty import customers, points

NOON = datetime(2026, 11, 25, 11, 30, tzinfo=UTC)  # Wednesday 12:30 in Berlin
THURSDAY = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
FRIDAY = date(2026, 11, 27)
LURE, HOOK = "RS9-MOT", "OH-3-0"

pytestmark = pytest.mark.slow


def _quietly(step: str) -> None:
    """Seed without a word."""


@pytest.fixture
def shop(database: Engine, tmp_path: Path) -> Iterator[Path]:
    snapshot.forget()
    with clock.frozen(NOON):
        seed(_quietly, tmp_path)
        yield tmp_path
    snapshot.forget()


def test_the_demo_shop_stands_and_a_second_seed_changes_nothing(shop: Path) -> None:
    before = _counts()
    assert before["items"] == 343 + 1  # what is on sale, and a draft
    assert before["products"] == 142 + 1
    assert before["sales"] == len(_sales()) == 9
    _the_goods_lie_where_the_story_needs_them()
    _more_is_on_its_way()
    _papers_and_pictures_are_there(shop)
    _mueller_finds_what_the_story_says()
    _the_router_sends_the_hooks_from_bonn()
    _mrs_mueller_has_her_machine_and_its_manual()
    _to_come_late_has_its_price()
    _every_invariant_holds()
    with clock.frozen(THURSDAY):
        seed(_quietly, shop)
    assert _counts() == before


def _counts() -> dict[str, int]:
    with reading() as session:
        return {
            "items": session.scalar(select(func.count()).select_from(Item)),
            "products": session.scalar(select(func.count()).select_from(Product)),
            "documents": session.scalar(select(func.count()).select_from(Document)),
            "prices": session.scalar(select(func.count()).select_from(Price)),
            "movements": session.scalar(select(func.count()).select_from(StockMovement)),
            "on hand": session.scalar(select(func.sum(StockBalance.on_hand))),
            "sales": session.scalar(select(func.count()).select_from(Order)),
            "versions": publishing.newest(session),
            "points": points.balance(session, number_of("mueller")),
        }  # type: ignore[dict-item]


def _the_goods_lie_where_the_story_needs_them() -> None:
    wanted = quantities()
    with reading() as session:
        on_hand = {
            (row.location, row.sku): row.on_hand for row in session.scalars(select(StockBalance))
        }
        free = availability.available(session, [HOOK, LURE])
    for sku, units in wanted.items():
        for place, quantity in units.items():
            assert on_hand.get((place, sku), 0) == quantity, (sku, place)
    promised = {place: free[place, HOOK].available for place in ("lager", "bonn", "koeln")}
    assert promised == {"lager": 3, "bonn": 5, "koeln": 2}
    assert free["lager", LURE].available == 24
    assert {HOOK, LURE} <= fast_skus()


def _to_come_late_has_its_price() -> None:
    with reading() as session:
        newest, first = publishing.versions(session)
        assert live.rules(session) == Rules(need_by_late_minor=LATE_MINOR)
    assert [change.path for change in newest.changes] == [("rules", "need_by_late_minor")]
    assert (newest.number, first.number) == (2, 1)


def _more_is_on_its_way() -> None:
    with reading() as session:
        rows = [(row.document, row.units, row.late) for row in incoming.coming(session)]
        by_tuesday = availability.on(session, [HOOK], date(2026, 12, 1))
    assert rows == [
        ("EK-2613", 8, True),
        ("UL-2611", 12, False),
        ("EK-2611", 72, False),
        ("EK-2612", 60, False),
    ]
    assert by_tuesday["lager", HOOK].available == 63


def _papers_and_pictures_are_there(shop: Path) -> None:
    with reading() as session:
        for sku, more in session.execute(select(Item.sku, Item.pictures).where(Item.picture != "")):
            assert (shop / picture_of(sku)).stat().st_size > 500
            assert [(shop / one["path"]).stat().st_size > 500 for one in more] == [True, True]
        assert release.lacking(session) == []
        assert [draft.slug for draft in release.drafts(session)] == ["naturkork-pose"]
        for paper in session.scalars(select(Document).where(Document.kind != "film")):
            assert (shop / paper.path).stat().st_size == paper.bytes > 10_000
            assert paper.pages


def _mueller_finds_what_the_story_says() -> None:
    with reading() as session:
        for typed in ("Gummiköder", "gummikoeder", "Gumiköder"):
            assert search.search(session, typed).landing.slug == "gummikoeder", typed
        guides = {paper.slug for paper in documents.for_category(session, "gummikoeder")}
        assert guides >= {
            "film-barsche-mit-gummi", "ratgeber-gummikoeder", "hakengroessen-tabelle"
        }  # fmt: skip
        offered = links.needs_and_fits(session, [LURE])
        assert (offered[0].sku, offered[0].kind) == (HOOK, "needs")
        assert "Rheinshad 9 cm" in offered[0].reason_de
        mueller = customers.by_number(session, number_of("mueller"))
        assert (mueller.contact_by, mueller.price_group) == ("call", "stamm")
        [line] = pricing.quote(session, [(LURE, 2)], price_group="stamm", at=clock.now())
        assert (line.unit_minor, line.line_minor) == (655, 1310)
        [plain] = pricing.quote(session, [("HS18-ROT", 1)], price_group="standard", at=clock.now())
        # 30 days before the first step of the reduction: 11.90 throughout.
        assert (plain.unit_minor, plain.lowest_30_days_minor) == (890, 1190)
        machine = [("KM-X60-ROT", 1)]
        [offer] = pricing.quote(session, machine, price_group="standard", at=clock.now())
        # It had been 199.00 within the 30 days: not the 229.00 of yesterday is struck out.
        assert (offer.unit_minor, offer.lowest_30_days_minor) == (18900, 19900)
    assert len(customer_rows()) == 42


def _the_router_sends_the_hooks_from_bonn() -> None:
    lines = [Line("a", LURE, 2, 48), Line("b", HOOK, 1, 14)]
    with reading() as session:
        first = decide(
            snapshot.problem_for(session, lines=lines, postal_code="53474", now=clock.now())
        )
        assert {one.location for one in first.assignments} == {"lager"}
        assert {one.arrives_on for one in first.assignments} == {FRIDAY}
        rest = [Line("b", HOOK, 1, 14, refused_by=("lager",))]
        again = decide(
            snapshot.problem_for(
                session, lines=rest, postal_code="53474", now=clock.now(), promise_on=FRIDAY
            )
        )
    assert [(one.location, one.arrives_on) for one in again.assignments] == [("bonn", FRIDAY)]


def _mrs_mueller_has_her_machine_and_its_manual() -> None:
    with reading() as session:
        found = search.search(session, "KM-X100")
        assert found.documents[0].slug == "anleitung-km-x100"
        order = session.scalars(
            select(Order).where(Order.customer_number == number_of("frau_mueller"))
        ).one()
        assert (order.channel, order.location) == ("till", "bonn")
        machine = products.by_gtin(session, products.item(session, "KM-X100-CRE").gtin or "")
        assert machine.type_number == "KM-X100"


def _every_invariant_holds() -> None:
    with reading() as session:
        broken = [found for found in invariants.check(session) if found.state == "broken"]
    assert broken == []
