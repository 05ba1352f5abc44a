"""A day at a till that was built from the OpenAPI document alone."""

from app.tills import cashiers, pairing
from kit.database import reading, transaction
from tests import small_shop
from tests.pos.stranger import Stranger
from tests.pos.test_set_up import hired
from tests.small_shop import HOOK, LURE_GTIN, MUELLER


def test_a_stranger_plays_a_day_from_pairing_to_the_z_report(register):
    with transaction() as session:
        lead = hired(session, "Lena Lau", role="store_lead")
        code = cashiers.set_pin(session, lead, "471100")
        paper = pairing.offer(session, till="bonn-9", name="Theke", location="bonn", actor="Test")
    till = Stranger(register.client, "/api/openapi.json")

    paired = till("pair", pairing_code=paper.code)
    till.token = paired["token"]
    rules = till("device")["rules"]
    (person,) = [one for one in till("cashiers")["cashiers"] if one["code"] == code]
    assert till("sign_in", cashier=code, pin="471100")["name"] == person["name"] == "Lena Lau"
    opened = till("open_session", session_id="stranger-1", opening_minor=20_000, cashier=code)
    page = till("changes", limit=2)
    known = page["items"]
    while page["more"]:
        page = till("changes", limit=2, cursor=page["cursor"])
        known = known + page["items"]
    lure = next(one for one in known if LURE_GTIN.zfill(14) in one["gtins"])
    scanned = till("item", code=LURE_GTIN)
    assert (scanned["sku"], scanned["unit_minor"]) == (lure["sku"], lure["unit_minor"])

    wanted = [{"sku": lure["sku"], "quantity": 2}, {"sku": HOOK, "quantity": 1}]
    quote = till("quote", lines=wanted, customer_number=MUELLER)
    lines = [{**line, "promotions": []} for line in quote["lines"]]
    assert rules["cash_rounding_minor"] == 1
    sold = till(
        "sell", lines=lines, customer_number=MUELLER, session_id=opened["session_id"],
        cashier=code, sale_id="stranger-sale-1", receipt_number=1,
        tenders=[{"method": "cash", "amount_minor": quote["total_minor"]}],
    )  # fmt: skip
    assert (sold["total_minor"], sold["points"]) == (quote["total_minor"], quote["points"])
    assert sold["conflicts"] == []

    found = till("receipts", code=sold["receipt_number"])
    first = found["lines"][0]
    back = {
        **first, "order_ref": found["order_ref"], "quantity": 1,
        "amount_minor": first["refund_minor"][0],
    }  # fmt: skip
    returned = till(
        "sell", lines=[], returns=[back], session_id=opened["session_id"], cashier=code,
        sale_id="stranger-back-1", receipt_number=2,
        tenders=[{"method": found["tenders"][0]["method"], "amount_minor": -back["amount_minor"]}],
    )  # fmt: skip
    assert (returned["kind"], returned["total_minor"]) == ("return", -first["refund_minor"][0])

    taken = sold["total_minor"] + returned["total_minor"]
    report = till("session", session_id=opened["session_id"])
    assert (report["state"], report["cash_expected_minor"]) == ("open", 20_000 + taken)
    closed = till(
        "close_session", session_id=opened["session_id"], counted_minor=20_000 + taken,
        last_receipt_number=2, cashier=code,
    )  # fmt: skip

    assert (closed["state"], closed["z_number"], closed["difference_minor"]) == ("closed", 1, 0)
    assert closed["total_minor"] == taken
    assert closed["receipts"] == {"first": 1, "last": 2, "count": 2, "missing": []}
    with reading() as session:
        assert small_shop.books(session)["bonn", HOOK][0] == 4
        assert small_shop.books(session)["bonn", lure["sku"]][0] == 11
