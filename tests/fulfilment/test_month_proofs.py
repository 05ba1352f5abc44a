"""A closed month proves itself; whoever changed one of its rows is found out."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from fulfilment.stock import ledger, months
from fulfilment.stock.months import Gap
from kit import clock
from tests.fulfilment.warehouse import HOOKS, LURES, open_places, stock

AUGUST, SEPTEMBER, OCTOBER = date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)
RECOMPUTE = """
    UPDATE stock_months SET standing = summed.standing FROM (
        SELECT month, sum((stock_month_closed(month)).standing) OVER (ORDER BY month) AS standing
        FROM stock_months
    ) AS summed WHERE summed.month = stock_months.month
"""


@pytest.fixture
def quarter(session):
    """Three closed months; the hooks moved in the first and the last of them."""
    with clock.frozen(datetime(2026, 8, 10, 9, tzinfo=UTC)):
        open_places(session)
        stock(session, "bonn", {HOOKS: 5})
    with clock.frozen(datetime(2026, 9, 10, 9, tzinfo=UTC)):
        stock(session, "bonn", {LURES: 3})
    with clock.frozen(datetime(2026, 10, 10, 9, tzinfo=UTC)):
        ledger.write_off(session, "bonn", [(HOOKS, 2)], document="rust", actor="kai", key="w")
    with clock.frozen(datetime(2026, 11, 10, 9, tzinfo=UTC)):
        closed = [months.close_due(session) for _ in range(4)]
    assert closed == [AUGUST, SEPTEMBER, OCTOBER, None]
    session.execute(text("SET LOCAL ROLE NONE"))
    return session


def proofs(session, **options):
    return {m: months.prove(session, m, **options) for m in (AUGUST, SEPTEMBER, OCTOBER)}


def change(session, column, value, month):
    session.execute(
        text(
            f"UPDATE stock_closings SET {column} = :value"
            " WHERE (month, sku, account) = (:month, :sku, 'shelf')"
        ),
        {"value": value, "month": month, "sku": HOOKS},
    )


@pytest.mark.parametrize("thorough", [False, True])
def test_months_that_nobody_touched_prove(quarter, thorough):
    assert proofs(quarter, thorough=thorough) == {AUGUST: [], SEPTEMBER: [], OCTOBER: []}


def test_an_account_that_was_changed_is_named(quarter):
    change(quarter, "quantity", 4, OCTOBER)
    assert proofs(quarter) == {
        AUGUST: [],
        SEPTEMBER: [],
        OCTOBER: [Gap(HOOKS, "shelf", "bonn", 4, 3)],
    }


def test_a_row_that_was_moved_as_a_whole_is_named_by_its_beginning(quarter):
    change(quarter, "opening", 7, OCTOBER)
    change(quarter, "quantity", 5, OCTOBER)
    assert months.prove(quarter, OCTOBER) == [Gap(HOOKS, "shelf", "bonn", 7, 5)]


def test_rows_that_were_changed_in_step_leave_both_months_wrong(quarter):
    change(quarter, "quantity", 6, AUGUST)
    change(quarter, "opening", 6, OCTOBER)
    change(quarter, "quantity", 4, OCTOBER)
    found = proofs(quarter)
    assert found[AUGUST] == [Gap(HOOKS, "shelf", "bonn", 6, 5)]
    assert found[SEPTEMBER] == []
    [gap] = found[OCTOBER]
    assert (gap.sku, gap.account) == ("", "standing")
    assert gap.booked != gap.summed


def test_a_row_that_is_missing_is_found(quarter):
    quarter.execute(
        text("DELETE FROM stock_closings WHERE (month, sku) = (:m, :s)"), {"m": OCTOBER, "s": HOOKS}
    )
    assert months.prove(quarter, OCTOBER) == [
        Gap(HOOKS, "loss", "", 0, 2),
        Gap(HOOKS, "shelf", "bonn", 0, -2),
    ]


def test_only_looking_up_every_account_sees_through_sums_that_were_forged_too(quarter):
    change(quarter, "opening", 7, OCTOBER)
    change(quarter, "quantity", 5, OCTOBER)
    quarter.execute(text(RECOMPUTE))
    assert months.prove(quarter, OCTOBER) == []
    assert months.prove(quarter, OCTOBER, thorough=True) == [Gap(HOOKS, "shelf", "bonn", 7, 5)]


def test_the_migration_gives_months_that_were_closed_before_the_same_sums(quarter):
    before = quarter.execute(text("SELECT month, standing FROM stock_months")).all()
    quarter.execute(text("UPDATE stock_months SET standing = 0"))
    quarter.execute(text(RECOMPUTE))
    assert quarter.execute(text("SELECT month, standing FROM stock_months")).all() == before
    assert len({standing for _, standing in before}) == 3
