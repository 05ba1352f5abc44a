"""A till is set up: paired by a code, told what it has to know, and people sign in by PIN."""

import hashlib

import pytest
from sqlalchemy import select

from app.identity import devices, staff
from app.identity.models import Device
from app.tills import best_sellers, cashiers, pairing
from app.workflows.till import changes
from catalog import pricing, promotions
from catalog.models import Item
from catalog.promotion_sums import Rule
from catalog.promotions import Offer
from kit import clock
from kit.database import reading, transaction
from tests.pos.register import Register, problem, sale
from tests.small_shop import HOOK, LURE, PAN


def hired(session, name, role="cashier", location="bonn"):
    return staff.create(
        session, email=f"{name}@example.org", name=name.title(), role=role,
        password="long enough, too", location=location,
    )  # fmt: skip


def test_a_till_may_offer_what_its_store_sells_most_and_then_what_all_do(register):
    assert register.get("/best-sellers").get_json() == {"skus": []}
    with transaction() as session:
        devices.enrol(session, code="koeln-1", name="Köln", location="koeln", token="köln")
    other = Register(register.client, "köln")
    sold = ((register, (HOOK, 2, 490)), (register, (LURE, 1, 690)), (other, (PAN, 9, 1)))
    for till, line in sold:
        assert till.sell(**sale(line)).status_code == 200
    assert register.sell(**sale((PAN, 50, 1), training=True)).status_code == 200
    assert register.get("/best-sellers").get_json() == {"skus": [HOOK, LURE, PAN]}
    assert other.get("/best-sellers").get_json() == {"skus": [PAN, HOOK, LURE]}
    with reading() as session:
        late = clock.now() + best_sellers.SPAN * 2
        assert best_sellers.of_location(session, "bonn", at=late, most=12) == []
        assert best_sellers.of_location(session, "bonn", at=clock.now(), most=1) == [HOOK]


def test_a_code_makes_a_till_once_and_a_new_code_ends_its_old_token(register):
    with transaction() as session:
        offered = pairing.offer(
            session, till="bonn-2", name="Kasse 2", location="bonn", actor="Frau Adler"
        )
    nobody = Register(register.client, None)
    spoken = {"pairing_code": offered.code.lower().replace("-", " ")}

    paired = nobody.post("/pairings", spoken).get_json()

    assert (paired["device"]["code"], paired["device"]["location"]) == ("bonn-2", "bonn")
    assert problem(nobody.post("/pairings", spoken)) == (404, "pairing_code")
    second = Register(register.client, paired["token"])
    assert second.sell().get_json()["receipt_number"] == "bonn-2-000001"
    with transaction() as session:
        again = pairing.offer(session, till="bonn-2", name="K", location="bonn", actor="x")
        old = pairing.offer(session, till="bonn-3", name="K", location="bonn", actor="x")
    anew = nobody.post("/pairings", {"pairing_code": again.code}).get_json()
    assert anew["device"]["last_receipt_number"] == 1
    assert problem(second.get("/device")) == (401, "device_token")
    with clock.frozen(clock.now() + 2 * pairing.VALID):
        late = nobody.post("/pairings", {"pairing_code": old.code})
    assert problem(late) == (404, "pairing_code")


def test_cashiers_sign_in_by_pin_with_and_without_a_network(register):
    with transaction() as session:
        code = cashiers.set_pin(session, hired(session, "marie"), "2201")
        lead = cashiers.set_pin(session, hired(session, "petra", "store_lead"), "2200")
        cashiers.set_pin(session, hired(session, "cem", location="koeln"), "2202")
    people = register.get("/cashiers").get_json()["cashiers"]
    assert [one["name"] for one in people] == ["Marie", "Petra"]
    pin = people[0]["pin"]
    digest = hashlib.pbkdf2_hmac("sha256", b"2201", bytes.fromhex(pin["salt"]), pin["iterations"])
    assert digest.hex() == pin["hash"]

    signed_in = register.post("/sign-ins", {"cashier": code, "pin": "2201"}).get_json()

    assert (signed_in["name"], "void" in signed_in["rights"]) == ("Marie", False)
    for wrong in ({"cashier": code, "pin": "2200"}, {"cashier": "999", "pin": "2201"}):
        assert problem(register.post("/sign-ins", wrong)) == (401, "pin")
    line = {"sku": LURE, "quantity": 1, "unit_minor": 690}
    off = {"amount_minor": 200, "reason": "goodwill"}
    cash = [{"method": "cash", "amount_minor": 490}]
    alone = register.sell(cashier=code, lines=[{**line, "discount": off}], tenders=cash)
    assert [one["kind"] for one in alone.get_json()["conflicts"]] == ["right"]
    approved = {**off, "approved_by": lead}
    allowed = register.sell(cashier=code, lines=[{**line, "discount": approved}], tenders=cash)
    assert allowed.get_json()["conflicts"] == []
    told = allowed.get_json()["lines"][0]
    assert (told["discount_minor"], told["promotions"][0]["name"]) == (200, "Nachlass: Kulanz")


def everything(register, cursor=""):
    items, deleted, settings, pages = {}, [], None, 0
    while True:
        page = register.get(f"/changes?limit=2&cursor={cursor}").get_json()
        items.update({item["sku"]: item for item in page["items"]})
        deleted += page["deleted"]
        settings = page["settings"] or settings
        cursor, pages = page["cursor"], pages + 1
        if not page["more"]:
            return items, deleted, settings, cursor, pages


@pytest.fixture
def looking(monkeypatch):
    """Let the catalog be looked at with every question."""
    monkeypatch.setattr(changes, "STALE", -changes.STALE)


def test_a_till_learns_everything_once_and_then_only_what_changed(register, looking):
    items, deleted, settings, cursor, pages = everything(register)
    assert (set(items), deleted, pages) == ({LURE, HOOK, PAN}, [], 2)
    assert items[LURE] == {
        "sku": LURE, "gtins": ["09520000000011"], "title": "Rheinshad 9 cm", "unit_minor": 690,
        "vat_basis_points": 1900, "age_min": 0, "sellable": True, "recalled": False, "next": [],
        "category": "koeder", "categories": ["koeder"], "brand": "Rhein", "picture": None,
    }  # fmt: skip
    assert [group["code"] for group in settings["price_groups"]] == ["stamm", "standard"]
    assert everything(register, cursor)[:3] == ({}, [], None)

    soon = clock.now() + changes.AHEAD / 2
    with transaction() as session:
        pricing.set_price(session, LURE, 790, soon)
        session.scalars(select(Item).where(Item.sku == PAN)).one().sellable = False
        promotions.create(
            session,
            Offer(
                Rule("", "percent", "Zehn Prozent", "Ten percent", basis_points=1000),
                starts_at=clock.now(),
                channels=frozenset({"till"}),
                limit_total=5,
            ),
            actor="test",
        )
    items, deleted, settings, cursor, _ = everything(register, cursor)

    assert set(items) >= {LURE, PAN}
    assert items[PAN]["sellable"] is False
    assert [one["unit_minor"] for one in items[LURE]["next"]] == [790]
    (promotion,) = settings["promotions"]
    assert (promotion["basis_points"], promotion["limited"]) == (1000, True)
    with clock.frozen(soon):
        items, *_ = everything(register, cursor)
    assert items[LURE]["unit_minor"] == 790
    assert items[LURE]["next"] == []


def test_what_is_gone_is_named_and_a_cursor_from_the_future_begins_again(register, looking):
    *_, cursor, _ = everything(register)
    with reading() as session:
        assert session.scalars(select(Device.code)).all() == ["bonn-1"]
    with clock.frozen(clock.now().replace(year=2020)):
        # Before the first price took effect nothing is for sale.
        items, deleted, *_ = everything(register, cursor)
    assert (items, sorted(deleted)) == ({}, [HOOK, PAN, LURE])
    future = changes.Cursor(generation=99, first=False).packed()
    assert problem(register.get(f"/changes?cursor={future}")) == (422, "cursor")
    assert problem(register.get("/changes?cursor=nonsense")) == (422, "cursor")
