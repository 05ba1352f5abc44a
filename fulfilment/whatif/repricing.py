"""What a plan of then would cost now: the same units from the same places, prices of another setup.

That tells the change of prices from the change of behaviour. Services and days are chosen anew, as
the shop would; lateness counts from the same day as for the plan that is chosen instead.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import date

from fulfilment.routing.core import derive
from fulfilment.routing.decide import decide
from fulfilment.routing.decision import Decision
from fulfilment.routing.problem import Problem

Plan = dict[tuple[str, str], int]
_NEVER = 10**7


def plan_of(decision: Decision) -> Plan:
    """Return the units of a decision by location and line key."""
    units: Plan = defaultdict(int)
    for part in decision.assignments:
        units[part.location, part.key] += part.quantity
    return dict(units)


def repriced(then: Decision, asked: Problem, chosen: Decision) -> Decision | None:
    """Return the plan of then under the prices and calendars of a problem.

    Args:
        then: the recorded decision.
        asked: the same question under the other setup.
        chosen: what was decided on it.

    Returns:
        None where that plan is not possible any more: a place is closed, sends no such goods, or
        has no capacity.
    """
    if plan_of(then) == plan_of(chosen):
        return chosen
    return at_prices(then, asked, chosen.reference_on)


def at_prices(then: Decision, asked: Problem, reference_on: date | None) -> Decision | None:
    """Return the plan of then under the prices of a problem; see `repriced`.

    Args:
        then: the recorded decision.
        asked: the question under the other setup.
        reference_on: the day from which lateness counts where nothing was promised.
    """
    units: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for part in then.assignments:
        units[part.location][part.sku] += part.quantity
    worth = _worth(asked)
    found = decide(
        replace(
            asked,
            # What was sent is sent: leaving it behind is no way to save money here.
            lines=tuple(replace(line, short_minor=_NEVER) for line in asked.lines),
            sources=tuple(
                replace(
                    source,
                    available=units.get(source.location, {}),
                    counter_rate={},
                    shadow=worth.get(source.location, {}),
                )
                for source in asked.sources
            ),
            promise_on=asked.promise_on or reference_on,
            counter_percent=100,  # it is in `worth` already
        ),
        alternatives=0,
    )
    if sum(found.unfilled.values()) > sum(then.unfilled.values()):
        return None
    return replace(found, cost=replace(found.cost, short=_short(found, asked)))


def _short(found: Decision, asked: Problem) -> int:
    """Return what the unfilled units cost: by SKU the dearest of its lines, as the router does."""
    prices: dict[str, int] = {}
    for line in asked.lines:
        price = asked.short_minor if line.short_minor is None else line.short_minor
        prices[line.sku] = max(price, prices.get(line.sku, 0))
    skus = {line.key: line.sku for line in asked.lines}
    return sum(units * prices[skus[key]] for key, units in found.unfilled.items())


def _worth(asked: Problem) -> dict[str, dict[str, int]]:
    """Return what a unit is worth where it lies, as the router reckoned with all the stock."""
    if not any(source.counter_rate or source.shadow for source in asked.sources):
        return {}
    core = derive(asked)
    return {
        source.location: {
            item.sku: int(core.opportunity[row, number])
            for number, item in enumerate(core.items)
            if core.opportunity[row, number]
        }
        for row, source in enumerate(core.sources)
    }
