"""What a part of an order line is worth, so that all parts add up to what was paid for it.

A discount in whole cents rarely divides by the units. Units are thought of in a row: what is
cancelled counts from the front, what was returned from the back, and what has left us is what is
not cancelled. Each end takes its share of the discount, so a line that comes back unit by unit
brings back exactly its price, never a cent more or less.
"""

from app.sales.models import OrderLine
from kit.errors import Invalid


def first(line: OrderLine, units: int) -> int:
    """Return what the first `units` of a line cost, minor units, gross.

    Raises:
        Invalid: ``quantity``: more than the line has, or below 0.
    """
    if not 0 <= units <= line.quantity:
        raise Invalid("quantity", sku=line.sku, quantity=units, most=line.quantity)
    return line.unit_minor * units - line.discount_minor * units // line.quantity


def last(line: OrderLine, units: int) -> int:
    """Return what the last `units` of a line cost, minor units, gross."""
    return first(line, line.quantity) - first(line, line.quantity - units)


def cancelled(line: OrderLine) -> int:
    """Return what the cancelled units cost."""
    return first(line, line.cancelled)


def open_(line: OrderLine) -> int:
    """Return what the units cost that are neither cancelled nor handed over."""
    return first(line, line.quantity - line.shipped) - cancelled(line)


def leaving(line: OrderLine, units: int) -> int:
    """Return what `units` more cost that leave us now."""
    return last(line, line.shipped + units) - last(line, line.shipped)


def returning(line: OrderLine, units: int) -> int:
    """Return what goes back for `units` more that are returned."""
    return last(line, line.returned + units) - last(line, line.returned)
