"""From the books to a problem, in few queries; and the decision into its row and back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, text, update
from sqlalchemy.orm import Session

from fulfilment.claims import reservations
from fulfilment.claims.reservations import Want
from fulfilment.models import Location
from fulfilment.places import locations
from fulfilment.routing import Line, decide, snapshot, standing
from fulfilment.stock import ledger
from kit import clock
from kit.errors import NotFound
from kit.ids import new_id
from kit.plain import ask

WEDNESDAY = datetime(2026, 11, 25, 11, 30, tzinfo=UTC)
FRIDAY = date(2026, 11, 27)
HOURS = {str(day): ["09:30", "19:00"] for day in range(6)} | {"6": None}
HOOKS, LURES = "HAK-4-0", "GUM-10"
LINES = [Line("hooks", HOOKS, 2, 20), Line("lures", LURES, 1, 60)]


@pytest.fixture
def network(session):
    snapshot.forget()
    locations.put_tariff(
        session,
        code="paket",
        name="Paket",
        carrier="Rheinpost",
        carrier_days=[0, 1, 2, 3, 4, 5],
        zones=[[450, 2, 20], [2000, 3, 45]],
        groups={"std": {"steps": [1000, 5000], "minor": [345, 430], "max_parcels": 3}},
    )
    for position, code in enumerate(("lager", "bonn", "koeln")):
        locations.put(
            session,
            code=code,
            kind="warehouse" if code == "lager" else "store",
            name=code.title(),
            street="Rheingasse 22",
            postal_code="53111",
            city="Bonn",
            state="NW",
            phone="+492214710200",
            email="bonn@angelhaus.example",
            contact="Petra Lindlar",
            latitude=50.7362,
            longitude=7.1002,
            opening_hours=HOURS,
            cut_off="12:00" if code == "koeln" else "16:00",
            capacity_per_day=40,
            handling_line_minor=35 + 35 * position,
            handling_unit_minor=12,
            groups=["std"],
            tariffs=["paket"],
            position=position,
        )
    with clock.frozen(WEDNESDAY):
        yield session
    snapshot.forget()


def stock(session: Session, location: str, **units: int) -> None:
    names = {"hooks": HOOKS, "lures": LURES}
    ledger.receive(
        session,
        location,
        [(names[name], count) for name, count in units.items()],
        document="delivery note 4711",
        actor="floor:kai",
        channel="floor",
        key=f"{location}/{sorted(units)}",
    )


def problem(session, **more):
    facts = {"lines": LINES, "postal_code": "53113", "now": WEDNESDAY} | more
    return snapshot.problem_for(session, **facts)


def test_stock_calendars_and_tariffs_come_from_the_books(network):
    stock(network, "lager", hooks=3, lures=5)
    stock(network, "bonn", hooks=2)
    found = problem(network)
    assert [(s.location, dict(s.available)) for s in found.sources] == [
        ("lager", {HOOKS: 3, LURES: 5}),
        ("bonn", {HOOKS: 2}),
        ("koeln", {}),
    ]
    assert found.destination.state == "NW"
    assert found.sources[0].capacity == (40, 40, 40)
    decision = decide(found)
    assert decision.locations == ("lager",)
    assert decision.promise_on == {"hooks": FRIDAY, "lures": FRIDAY}


def test_reserved_units_are_taken_until_their_deadline_and_free_after_it(network):
    stock(network, "lager", hooks=3)
    reservations.place(
        network,
        order_ref="R-1",
        wants=[Want(new_id(), HOOKS, "lager", 2)],
        expires_at=WEDNESDAY + timedelta(minutes=30),
    )
    assert problem(network).sources[0].available == {HOOKS: 1}
    later = problem(network, now=WEDNESDAY + timedelta(minutes=30))
    assert later.sources[0].available == {HOOKS: 3}


def test_units_of_the_order_itself_can_be_counted_in(network):
    found = problem(network, extra_available={("bonn", HOOKS): 2})
    assert found.sources[1].available == {HOOKS: 2}
    assert decide(replace(found, lines=(LINES[0],))).locations == ("bonn",)


def test_a_told_date_is_dearer_to_break_than_an_open_one(network):
    assert problem(network).late_minor == 150
    assert problem(network, promise_on=FRIDAY).late_minor == 2_500


def test_one_statement_for_everything_however_many_lines(network, monkeypatch):
    many = [Line(str(n), f"SKU-{n}", 1, 100) for n in range(40)]
    problem(network, lines=many)
    statements = []
    engine = network.get_bind()

    def note(*seen):
        statements.append(seen[2])

    def asked(session, plain):
        statements.append(plain.statement.decode())
        return ask(session, plain)

    monkeypatch.setattr(standing, "ask", asked)
    event.listen(engine, "before_cursor_execute", note)
    problem(network, lines=many)
    event.remove(engine, "before_cursor_execute", note)
    tables = ("stock_balances", "stock_prices", "fulfilment_orders", "day_limits", "setup_stamps")
    assert [[table in s for table in tables] for s in statements] == [[True] * 5]


def test_the_network_is_kept_until_somebody_changes_it_and_survives_a_rollback(network):
    first = problem(network)
    assert first.sources[1].handling_line_minor == 70
    assert problem(network).network is first.network
    for change, read in CHANGES:
        before = problem(network).network
        network.execute(text(change))
        assert problem(network).network is not before, change
        assert read(problem(network)), change
        assert problem(network).network is problem(network).network
    network.rollback()
    with Session(network.get_bind()) as other:
        assert problem(other).sources == ()


CHANGES = [
    (
        "UPDATE locations SET handling_line_minor = 99 WHERE code = 'bonn'",
        lambda found: found.sources[1].handling_line_minor == 99,
    ),
    (
        "INSERT INTO closed_days (location, day, reason) VALUES ('bonn', '2026-11-26', 'Fest')",
        lambda found: found.sources[1].calendar.closed_on == {date(2026, 11, 26)},
    ),
    (
        "UPDATE tariffs SET carrier_days = '[0, 1]'",
        lambda found: found.tariffs["paket"].weekdays == {0, 1},
    ),
    (
        """INSERT INTO routing_rules (id, number, rules) VALUES (1, 1, '{"split_minor": 7}')""",
        lambda found: (found.split_minor, found.max_parcels) == (7, 20),
    ),
    ("DELETE FROM closed_days", lambda found: found.sources[1].calendar.closed_on == set()),
]


def test_another_process_sees_a_change_at_its_next_question(network):
    network.commit()
    assert problem(network).split_minor == 190
    with Session(network.get_bind()) as other:
        other.execute(text("""INSERT INTO routing_rules VALUES (1, '{"split_minor": 7}', 1)"""))
        assert problem(network).split_minor == 190
        other.commit()
    assert problem(network).split_minor == 7


def test_a_store_that_is_closed_on_a_day_ships_on_the_next(network):
    stock(network, "bonn", hooks=2)
    locations.close_on(network, "bonn", [(WEDNESDAY.date(), "Betriebsausflug")])
    decision = decide(problem(network, lines=[LINES[0]]))
    assert decision.parcels[0].ships_on == date(2026, 11, 26)


def test_after_closing_on_a_saturday_nothing_ships_before_monday(network):
    stock(network, "bonn", hooks=2)
    hours = {**HOURS, "5": ["09:30", "13:00"]}
    network.execute(update(Location).where(Location.code == "bonn").values(opening_hours=hours))
    for hour, ships_on in ((11, date(2026, 11, 28)), (12, date(2026, 11, 30))):
        at = datetime(2026, 11, 28, hour, 30, tzinfo=UTC)
        decision = decide(problem(network, lines=[LINES[0]], now=at))
        assert decision.parcels[0].ships_on == ships_on
    assert decision.parcels[0].cut_off_at == datetime(2026, 11, 30, 15, tzinfo=UTC)
    assert decision.cut_offs_passed["bonn"] == datetime(2026, 11, 28, 12, tzinfo=UTC)


def test_the_decision_is_stored_with_its_reasons_and_read_back(network):
    stock(network, "lager", lures=1)
    stock(network, "bonn", hooks=5)
    decision = decide(problem(network))
    row = snapshot.store(network, "R-7", decision, cause="placed")
    assert (row.cost_minor, row.proved, row.cause) == (decision.cost.total, True, "placed")
    network.expire_all()
    assert snapshot.latest(network, "R-7") == decision
    assert snapshot.by_id(network, str(row.id)) == decision
    assert [r.id for r in snapshot.history(network, "R-7")] == [row.id]


def test_a_postal_code_that_does_not_exist_is_refused(network):
    with pytest.raises(NotFound) as refused:
        problem(network, postal_code="00000")
    assert refused.value.code == "postal_code"
    with pytest.raises(NotFound):
        snapshot.latest(network, "R-404")
