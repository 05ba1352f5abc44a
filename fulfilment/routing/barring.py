"""What takes a location out of the running, by rule; and what was free where.

A network of hundreds cannot be told in full: the locations nearest to the destination are.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from fulfilment.routing.decision import Exclusion
from fulfilment.routing.network import Flags, Ints
from fulfilment.routing.problem import Problem
from fulfilment.routing.services import why_not

if TYPE_CHECKING:
    from fulfilment.routing.core import Item

TOLD = 30
"""Locations whose stock and exclusions a decision tells; the nearest ones."""


def exclusions(
    problem: Problem,
    items: "Sequence[Item]",
    groups: Sequence[str],
    *,
    free: Ints,
    usable: Ints,
    served: Flags,
    nearest: Sequence[int],
) -> tuple[list[Exclusion], dict[str, dict[str, int]]]:
    """Return the exclusions, and the free units by location and line key.

    Args:
        problem: the facts.
        items: lines by SKU.
        groups: goods groups by number.
        free: units on the books, by location and item.
        usable: units that rules about goods leave, by location and item.
        served: whether a location has a service in time, by location and group.
        nearest: the numbers of the locations, the nearest first.
    """
    told = sorted(int(at) for at in nearest[:TOLD])
    barred: list[Exclusion] = []
    for at in told:
        left = [item for item, units in zip(items, usable[at], strict=True) if units]
        late = [item for item in left if not served[at, item.group]]
        barred += _of_location(problem, items, groups, free[at], late, at)
    stock = {
        problem.sources[at].location: {
            line.key: int(units)
            for item, units in zip(items, free[at], strict=True)
            for line in item.lines
        }
        for at in told
    }
    return barred, stock


def _keys(items: "Iterable[Item]") -> tuple[str, ...]:
    return tuple(line.key for item in items for line in item.lines)


def _of_location(
    problem: Problem,
    items: "Sequence[Item]",
    groups: Sequence[str],
    free: Ints,
    late: "Sequence[Item]",
    at: int,
) -> list[Exclusion]:
    source = problem.sources[at]
    if not free.any():
        return [Exclusion(source.location, "no_stock", _keys(items))]
    rows = []
    stocked = [item for item, units in zip(items, free, strict=True) if units]
    refused = [item for item in stocked if source.location in item.refused_by]
    if refused:
        rows.append(Exclusion(source.location, "refused", _keys(refused)))
    others = [item for item in stocked if item not in refused]
    foreign = [item for item in others if groups[item.group] not in source.groups]
    if foreign:
        rows.append(Exclusion(source.location, "group", _keys(foreign)))
    for group in sorted({item.group for item in late}):
        keys = _keys(item for item in late if item.group == group)
        rows.append(why_not(problem, source, groups[group], keys))
    return rows
