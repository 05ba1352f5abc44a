"""`flask stock …`: the ledger answers, proves and repairs at the command line."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.cli import stock as stock_commands
from fulfilment.stock import counter_sales, ledger, months
from kit import clock
from kit.database import transaction
from tests.fulfilment.warehouse import HOOKS, WEDNESDAY, open_places, stock

OCTOBER = datetime(2026, 10, 10, 9, tzinfo=UTC)


@pytest.fixture
def run(database):
    """Run `flask stock …` in a shop with three hooks in Bonn, two of them from an offline till."""
    with clock.frozen(WEDNESDAY), transaction() as session:
        open_places(session)
        stock(session, "bonn", {HOOKS: 5})
        with clock.frozen(WEDNESDAY + timedelta(hours=1)):
            counter_sales.sell(
                session,
                location="bonn",
                lines=[(HOOKS, 2)],
                document="bonn-1-8",
                actor="till",
                key="s1",
                sold_at=WEDNESDAY + timedelta(minutes=10),
            )
    flask = Flask("shop")
    for command in stock_commands.commands:
        flask.cli.add_command(command)
    with clock.frozen(WEDNESDAY + timedelta(hours=2)):
        yield lambda *words: flask.test_cli_runner().invoke(args=["stock", *words])


def lines(answer):
    return [line.strip() for line in answer.output.splitlines()]


def test_why_is_it_three(run):
    answer = run("why", HOOKS, "bonn")
    assert answer.exit_code == 0
    assert lines(answer) == [
        "+5  receipt (1): delivery note 4711",
        "-2  till_sale (1): bonn-1-8",
        "3  on hand",
        "3  available",
    ]


def test_what_it_was_in_the_words_of_the_books_and_in_ours(run):
    answer = run("why", HOOKS, "bonn", "--at", "2026-11-18T13:00")
    assert lines(answer)[:2] == ["said   known  2026-11-18T13:00:00+01:00", "5       3  on hand"]
    assert lines(answer)[-1] == "booked later: 2 × till_sale, bonn-1-8, 2026-11-18T13:30+01:00"
    assert run("why", HOOKS, "bonn", "--at", "2027-01-01T00:00+00:00").exit_code == 1
    assert run("why", HOOKS, "bonn", "--at", "yesterday").exit_code == 2


def test_drift_is_told_and_repaired(run, owner):
    assert (run("reconcile").exit_code, lines(run("reconcile"))) == (0, ["0 terms disagree"])
    owner.execute("UPDATE stock_balances SET on_hand = 4, reserved = 1")
    told = run("reconcile")
    assert told.exit_code == 1
    assert lines(told) == [
        f"bonn {HOOKS}: on_hand 4, rows 3",
        f"bonn {HOOKS}: reserved 1, rows 0",
        "2 terms disagree",
    ]
    repaired = run("reconcile", "--repair")
    assert (repaired.exit_code, lines(repaired)[2:]) == (
        0,
        [f"repaired bonn {HOOKS}; 0 claims lost", "0 terms disagree"],
    )
    with transaction() as session:
        assert ledger.movements(session, HOOKS, limit=1)[0].cause == "reconciliation"


def test_closed_months_are_proved(run, session, monkeypatch):
    assert run("prove-months").output == ""
    with clock.frozen(OCTOBER), transaction() as fresh:
        stock(fresh, "bonn", {HOOKS: 1})
    # A month that is closed for good would outlast the test: look into the open transaction.
    assert months.close_due(session) is not None
    monkeypatch.setattr(stock_commands, "reading", lambda: nullcontext(session))
    answer = run("prove-months")
    assert (answer.exit_code, answer.output.split()[:4]) == (
        0,
        ["2026-10", "1", "movements", "right,"],
    )
    session.execute(text("SET LOCAL ROLE NONE"))
    session.execute(text("UPDATE stock_closings SET quantity = 2 WHERE account = 'shelf'"))
    answer = run("prove-months")
    assert (answer.exit_code, "1 accounts are wrong" in answer.output) == (1, True)
    assert "booked=2, summed=1" in answer.output
