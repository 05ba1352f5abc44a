"""Parts of an order line add up to what was agreed for it, whatever is cancelled or fetched."""

from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from app.sales import worth
from app.sales.models import OrderLine
from app.workflows.till.handing_over import Due


def line(quantity: int, unit_minor: int, *taken_off: int, cancelled: int = 0) -> OrderLine:
    discount_minor = sum(taken_off)
    return OrderLine(
        id=uuid4(),
        quantity=quantity,
        unit_minor=unit_minor,
        discount_minor=discount_minor,
        line_minor=quantity * unit_minor - discount_minor,
        promotions=[{"ref": str(at), "amount_minor": one} for at, one in enumerate(taken_off)],
        cancelled=cancelled,
        shipped=0,
        returned=0,
    )


def test_what_leaves_after_a_part_was_cancelled_costs_the_rest_to_the_cent() -> None:
    # 1.00 off three units: 33 cents go with the first, 67 with the other two.
    three = line(3, 655, 100, cancelled=1)
    assert worth.cancelled(three) == 655 - 33
    assert worth.open_(three) == worth.leaving(three, 2) == 2 * 655 - 67


def test_what_two_promotions_take_off_a_part_adds_up() -> None:
    due = Due(line(3, 655, 50, 50, cancelled=1), 2, 2 * 655 - 67)
    assert due.discount_minor == 67
    assert [one["amount_minor"] for one in due.promotions] == [33, 34]


@given(
    quantity=st.integers(1, 40),
    unit_minor=st.integers(1, 5000),
    shares=st.lists(st.integers(0, 500), max_size=3),
    parts=st.lists(st.integers(0, 40), min_size=3, max_size=3),
)
def test_cancelled_and_fetched_in_parts_a_line_costs_what_was_agreed(
    quantity: int, unit_minor: int, shares: list[int], parts: list[int]
) -> None:
    cancelled = min(parts[0], quantity)
    one = line(quantity, unit_minor, *shares, cancelled=cancelled)
    paid = worth.cancelled(one)
    while one.shipped < quantity - cancelled:
        units = min(max(parts[1], 1), quantity - cancelled - one.shipped)
        left = worth.open_(one)
        due = Due(one, units, worth.leaving(one, units))
        assert sum(part["amount_minor"] for part in due.promotions) == due.discount_minor
        one.shipped += units
        paid += due.line_minor
        assert worth.open_(one) == left - due.line_minor
    assert paid == one.line_minor
