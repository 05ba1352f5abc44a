"""The lines of a problem by SKU: what the router counts with."""

from dataclasses import dataclass

from fulfilment.routing.problem import Line, Problem

NEVER = 10**8
"""Price of an unfilled unit where the order ships whole or not at all."""


@dataclass(slots=True)
class Item:
    """All lines of one SKU."""

    sku: str
    need: int
    weight: int
    group: int
    margin: int
    short: int
    refused_by: frozenset[str]
    longest_mm: int
    lines: list[Line]


def items_of(problem: Problem) -> tuple[list[Item], list[str]]:
    """Return the items of a problem, in the order of their first lines, and its goods groups.

    Raises:
        ValueError: a quantity, weight or margin is out of range.
    """
    groups = sorted({line.group for line in problem.lines})
    items: dict[str, Item] = {}
    for line in problem.lines:
        if line.quantity <= 0 or line.weight_grams < 0 or line.margin_minor < 0:
            raise ValueError(f"line {line.key}: quantity, weight or margin out of range")
        short = problem.short_minor if line.short_minor is None else line.short_minor
        if problem.ship_complete:
            short = NEVER
        item = items.get(line.sku)
        if item is None:
            items[line.sku] = Item(
                line.sku,
                line.quantity,
                line.weight_grams,
                groups.index(line.group),
                line.margin_minor,
                short,
                frozenset(line.refused_by),
                line.longest_mm,
                [line],
            )
        else:
            item.need += line.quantity
            item.short = max(item.short, short)
            item.refused_by |= frozenset(line.refused_by)
            item.longest_mm = max(item.longest_mm, line.longest_mm)
            item.lines.append(line)
    return list(items.values()), groups
