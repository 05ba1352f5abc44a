"""Each invariant is broken on purpose, as the owner, and exactly that one is reported."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from app import invariants
from app.payments import charges
from app.proofs import PROOFS
from app.sales import orders
from app.workflows import checkout, floor, return_order
from app.workflows.floor import Worker
from app.workflows.return_order import Returned
from kit.database import LEDGERS, OWNERS, reading, transaction
from loyalty import gift_cards
from tests import small_shop
from tests.pos.register import Register
from tests.small_shop import HOOK, LURE, MUELLER

STOCK = {("lager", LURE): 24, ("lager", HOOK): 3, ("bonn", HOOK): 5, ("bonn", LURE): 6}
DIRK = Worker("Dirk Hessler", "lager")
NOT_BUILT: set[int] = set()

# What somebody does to the books behind the shop's back, by the invariant that it breaks.
BREAKS = [
    (1, "a claim that no row stands for", ("UPDATE stock_balances SET reserved = reserved + 1"
        " WHERE (location, sku) = ('lager', 'RS-9-MO')")),
    (1, "a doubt that no surprise explains", "UPDATE stock_balances SET doubt = doubt + 1"),
    (2, "a unit that left to nowhere", ("ALTER TABLE stock_movements DROP CONSTRAINT"
        " ck_stock_movements_to;"
        " INSERT INTO stock_movements (sku, quantity, from_account, from_location, to_account,"
        " to_location, cause, document, actor, channel, moved_at, booked_at, key)"
        " VALUES ('RS-9-MO', 1, 'shelf', 'lager', 'customer', 'lager', 'theft', '', '', 'web',"
        " now(), now(), 'theft');"
        " UPDATE stock_balances SET on_hand = on_hand - 1"
        " WHERE (location, sku) = ('lager', 'RS-9-MO')")),
    (3, "more promised than there", ("ALTER TABLE stock_balances DROP CONSTRAINT"
        " ck_stock_balances_claims_covered;"
        " UPDATE stock_balances b SET reserved = reserved + 1000 - r.quantity"
        " FROM stock_reservations r WHERE r.state = 'held'"
        " AND (r.location, r.sku) = (b.location, b.sku);"
        " UPDATE stock_reservations SET quantity = 1000 WHERE state = 'held'")),
    (4, "a reservation that ended at no time", ("ALTER TABLE stock_reservations DROP CONSTRAINT"
        " ck_stock_reservations_state;"
        " UPDATE stock_reservations SET ended_at = NULL WHERE state = 'claimed'")),
    (4, "a claim that became nothing", ("UPDATE stock_reservations SET quantity = quantity + 50"
        " WHERE state = 'claimed'")),
    (5, "a refund on no record", ("UPDATE payments SET refunded_minor = refunded_minor + 1"
        " WHERE captured_minor > refunded_minor")),
    (5, "less captured than agreed", ("UPDATE payments SET captured_minor = captured_minor - 1"
        " WHERE captured_minor > refunded_minor")),
    (5, "captured at no time", "UPDATE payments SET captured_at = NULL"),
    (6, "a return that nobody took", ("UPDATE order_lines SET returned = returned + 1"
        " WHERE shipped > returned")),
    (6, "shipped without a parcel", ("UPDATE order_lines l SET shipped = quantity FROM orders o"
        " WHERE o.id = l.order_id AND o.state = 'confirmed' AND shipped = 0")),
    (6, "cancelled and still promised", ("UPDATE order_lines l SET cancelled = 1 FROM orders o"
        " WHERE o.id = l.order_id AND o.state = 'confirmed' AND shipped = 0")),
    (7, "a parcel with more than was scanned", "UPDATE parcel_lines SET quantity = quantity + 1"),
    (
        8,
        "a line that is no product",
        (
            "ALTER TABLE order_lines DROP CONSTRAINT ck_order_lines_discount;"
            "UPDATE order_lines SET unit_minor = unit_minor + 1"
        ),
    ),
    (11, "a gift card with less", "UPDATE gift_cards SET balance_minor = balance_minor - 1"),
    (11, "an entry that nobody booked", "DELETE FROM gift_card_entries"),
    (8, "a total that is no sum", ("ALTER TABLE orders DROP CONSTRAINT ck_orders_total;"
        " UPDATE orders SET shipping_minor = shipping_minor + 1")),
    (9, "a number that was taken and not used", ("UPDATE number_ranges SET last = last + 1"
        " WHERE name LIKE 'receipt/%'")),
    (9, "a receipt that vanished", ("UPDATE orders SET receipt_number = NULL"
        " WHERE receipt_number = (SELECT min(receipt_number) FROM orders)")),
    (9, "a number used twice", ("ALTER TABLE orders DROP CONSTRAINT uq_orders_receipt_number;"
        " UPDATE orders SET receipt_number = (SELECT max(receipt_number) FROM orders)"
        " WHERE receipt_number IS NOT NULL")),
    (10, "points out of nothing", "UPDATE points_balances SET points = points + 1"),
    (12, "an event that nobody cares for", ("UPDATE outbox_events SET delivered_at = NULL,"
        " due_at = now() - interval '1 hour'")),
    (13, "a signature that no receipt has", ("UPDATE fiscal_modules"
        " SET transactions = transactions + 1, signatures = signatures + 2")),
    (14, "a float that nobody put in", "UPDATE till_sessions SET opening_minor = 1"),
    (15, "a right to change", "GRANT UPDATE (quantity) ON stock_movements TO kontor_app"),
    (15, "a right to delete for everybody", "GRANT DELETE ON points_entries TO PUBLIC"),
    (15, "a right to empty", "GRANT TRUNCATE ON prices TO kontor_app"),
]  # fmt: skip


@pytest.fixture
def busy(app, wednesday, settle_events):
    """A shop in which something of everything has happened."""
    small_shop.build(STOCK)
    token = small_shop.basket_with((LURE, 2), (HOOK, 1), number=MUELLER)
    ref = checkout.place(token, small_shop.buyer()).order_ref
    with reading() as session:
        payment = charges.of_order(session, ref)
    checkout.settle(str(payment.id), payment.amount_minor, "pi_1")
    settle_events()
    with reading() as session:
        job = small_shop.job_at(session, ref, "lager")
    floor.start(job, DIRK)
    floor.scan(job, LURE, DIRK)
    floor.scan(job, LURE, DIRK)
    floor.short_pick(job, HOOK, DIRK)
    settle_events()
    floor.finish(job, DIRK)
    floor.pack(job, DIRK)
    floor.hand_over(job, DIRK)
    with reading() as session:
        lines = orders.lines_of(session, orders.by_ref(session, ref))
    lures = next(line.id for line in lines if line.sku == LURE)
    back = [Returned(lures, 1, "inspect", "too big")]
    return_order.take_back(ref, back, location="bonn", actor="Lukas", key="return/1")
    till = Register(app.test_client())
    points = {
        "customer_number": MUELLER,
        "lines": [{"sku": LURE, "quantity": 1, "unit_minor": 655}],
    }
    for _ in range(2):
        sold = till.sell(**points, tenders=[{"method": "cash", "amount_minor": 655}])
        assert sold.status_code == 200, sold.get_json()
    checkout.place(small_shop.basket_with((LURE, 1)), small_shop.buyer())
    with transaction() as session:
        gift_cards.issue(session, 5000, kind="sold", document="R-1", actor="Lukas", key="card")
    settle_events()
    return app


@pytest.fixture
def tampering(database_url):
    """A session as the owner, in a transaction that is never committed."""
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with Session(engine) as session:
        # As a superuser may: past the triggers that keep the ledgers.
        session.execute(text("SET LOCAL session_replication_role = replica"))
        yield session
        session.rollback()
    engine.dispose()


def verdicts(session):
    return {found.number: found.state for found in invariants.check(session)}


def broken(session):
    return {number for number, state in verdicts(session).items() if state == "broken"}


def test_every_invariant_has_a_title_and_the_built_ones_a_proof(database):
    assert list(invariants.TITLES) == list(range(1, 16))
    with reading() as session:
        found = invariants.check(session)
    assert {one.number for one in found if one.state == "not built"} == NOT_BUILT
    assert all(one.state == "holds" for one in found if one.number not in NOT_BUILT)
    assert {number for number, _, _ in BREAKS} == set(invariants.TITLES) - NOT_BUILT


def test_a_busy_shop_is_sound_and_every_break_is_told_from_the_others(busy, tampering):
    assert broken(tampering) == set()
    seen = {}
    for number, what, statements in BREAKS:
        with tampering.begin_nested() as savepoint:
            touched = [tampering.execute(text(one)).rowcount for one in statements.split(";")]
            seen[number, what] = (broken(tampering), touched[-1] != 0)
            savepoint.rollback()
    assert seen == {(number, what): ({number}, True) for number, what, _ in BREAKS}
    assert broken(tampering) == set()


def test_a_finding_shows_the_rows_that_break_it_and_no_more_than_asked_for(busy, tampering):
    tampering.execute(text("UPDATE stock_balances SET in_transit = in_transit + 1"))
    finding = invariants.check(tampering, limit=2)[0]
    assert (finding.number, finding.state, len(finding.rows)) == (1, "broken", 2)
    assert dict(finding.rows[0]) == {
        "what": "in_transit is not what the rows sum up to",
        "location": "bonn",
        "sku": HOOK,
        "booked": 1,
        "summed": 0,
    }


def test_the_proof_of_rights_asks_about_every_ledger(database):
    assert all(f"'{table}'" in PROOFS[15] for table in LEDGERS | OWNERS)
