"""The fulfilment router: which location sends which units of an order, and when they arrive.

1. derive the numbers: who has what, who can ship when, what a parcel costs (core.py);
2. search the cheapest plan and prove it (search.py, and what it chooses from);
3. write it down as a decision: units, parcels, dates, cost, plans that lost, locations barred.

Cost = parcels by weight step and zone + handling per line and unit + what a store's counter
loses (margin x P(Poisson(rate) >= free units)) + split price per further parcel + price of late
days + price of unfilled units. All prices are the retailer's.

Dates: `need_by_on` is hard. A `promise_on` already told is kept unless being late is cheaper
than `late_minor` per parcel and day. With neither, a day later than the earliest possible
arrival costs `late_minor`: the promise is the arrival of the plan that is cheapest then.
"""

from datetime import date, datetime, timedelta

from fulfilment.places.calendars import ready_for_collection
from fulfilment.routing.core import Core, derive
from fulfilment.routing.decision import Alternative, Assignment, Cost, Decision, PlannedParcel
from fulfilment.routing.plans import Plan
from fulfilment.routing.problem import Problem
from fulfilment.routing.search import NODES, search
from fulfilment.routing.services import COLLECT, Service


def decide(problem: Problem, *, alternatives: int = 3, nodes: int = NODES) -> Decision:
    """The cheapest plan for a problem. Pure and deterministic.

    Args:
        problem: the facts; see `Problem` for what the dates mean.
        alternatives: how many losing plans to report (0 is faster).
        nodes: branches to look at before the plan counts as unproved.
    Returns: a decision; with `ship_complete` and not everything in time, an empty plan.
    Raises: ValueError for a problem that contradicts itself (no lines, quantity 0).
    """
    _check(problem)
    core = derive(problem)
    outcome = search(core, alternatives, nodes)
    plan, proved, lower = outcome.plan, outcome.proved, outcome.lower_bound
    cost = _cost(core, plan)
    if problem.ship_complete and cost.short:
        plan = Plan.empty(core)
        cost = lower_cost = _cost(core, plan)
        lower = lower_cost.total
    assignments, unfilled = _assignments(core, plan)
    return Decision(
        decided_at=problem.now,
        assignments=assignments,
        parcels=_parcels(core, plan),
        promise_on=_promises(problem, assignments, unfilled),
        cost=cost,
        unfilled=unfilled,
        alternatives=tuple(
            _alternative(core, other, cost, plan)
            for other in outcome.others
            if other.places and not (problem.ship_complete and _cost(core, other).short)
        ),
        exclusions=tuple(core.exclusions),
        stock=core.stock,
        proved=proved,
        lower_bound_minor=cost.total if proved else lower,
        reference_on=core.reference_on,
        need_by_on=problem.need_by_on,
        ready_at=_ready_at(problem, assignments),
        cut_offs_passed=core.cut_offs_passed,
        problem=problem,
    )


def _check(problem: Problem) -> None:
    if not problem.lines:
        raise ValueError("an order without lines cannot be routed")
    if len({line.key for line in problem.lines}) != len(problem.lines):
        raise ValueError("two lines share a key")
    if problem.max_parcels < 1:
        raise ValueError("at least one parcel must be allowed")
    if problem.now.tzinfo is None:
        raise ValueError("an instant needs a time zone")


def _cost(core: Core, plan: Plan) -> Cost:
    problem = core.problem
    handling = counter = short = parcels = late = count = 0
    for number, (item, spread) in enumerate(zip(core.items, plan.units, strict=True)):
        for at, units in spread.items():
            source = core.sources[at]
            handling += source.handling_line_minor
            handling += units * source.handling_unit_minor
            counter += units * int(core.opportunity[at, number])
        short += (item.need - sum(spread.values())) * _short(problem, core, number)
    for lane, step, _ in plan.steps:
        used, service = lane.table.parcels[step], lane.table.service[step]
        count += used
        late += used * service.late
        parcels += lane.table.cost[step] - used * (service.late + problem.split_minor)
    split = problem.split_minor * max(0, count - 1)
    return Cost(parcels, handling, counter, split, late, short)


def _short(problem: Problem, core: Core, number: int) -> int:
    """The price of an unfilled unit as the retailer set it."""
    prices = (line.short_minor for line in core.items[number].lines)
    return max(problem.short_minor if price is None else price for price in prices)


def _service(plan: Plan, place: int, group: int) -> Service:
    return next(
        lane.table.service[step]
        for lane, step, _ in plan.steps
        if lane.place == place and lane.group == group
    )


def _assignments(core: Core, plan: Plan) -> tuple[tuple[Assignment, ...], dict[str, int]]:
    """Units by line: earlier lines of a SKU get the earlier arrivals."""
    rows: list[Assignment] = []
    unfilled: dict[str, int] = {}
    for item, spread in zip(core.items, plan.units, strict=True):
        offers = [(_service(plan, at, item.group), at, units) for at, units in spread.items()]
        offers.sort(key=lambda offer: (offer[0].arrives_on, offer[1]))
        for line in item.lines:
            left = line.quantity
            while left and offers:
                service, at, units = offers.pop(0)
                taken = min(left, units)
                rows.append(
                    Assignment(
                        core.sources[at].location,
                        line.key,
                        line.sku,
                        taken,
                        service.ships_on,
                        service.arrives_on,
                    )
                )
                left -= taken
                if units > taken:
                    offers.insert(0, (service, at, units - taken))
            if left:
                unfilled[line.key] = left
    return tuple(rows), unfilled


def _promises(
    problem: Problem, assignments: tuple[Assignment, ...], unfilled: dict[str, int]
) -> dict[str, date | None]:
    promises: dict[str, date | None] = {line.key: None for line in problem.lines}
    for row in assignments:
        before = promises[row.key]
        if row.key not in unfilled and (before is None or before < row.arrives_on):
            promises[row.key] = row.arrives_on
    return promises


def _parcels(core: Core, plan: Plan) -> tuple[PlannedParcel, ...]:
    rows: list[PlannedParcel] = []
    split = core.problem.split_minor
    for lane, step, grams in sorted(plan.steps, key=lambda s: (s[0].place, s[0].group)):
        table, source = lane.table, core.sources[lane.place]
        service, count = table.service[step], table.parcels[step]
        if service.tariff == COLLECT:
            continue
        left, price = grams, table.cost[step] - count * (service.late + split)
        for number in range(count):
            last = number == count - 1
            weight = left if last else min(left, service.steps[-1])
            cost = price if last else service.prices[-1]
            rows.append(
                PlannedParcel(
                    source.location,
                    core.groups[lane.group],
                    service.tariff,
                    weight,
                    cost,
                    service.ships_on,
                    service.arrives_on,
                    source.calendar.cut_off_at(service.ships_on),
                )
            )
            left -= weight
            price -= cost
    return tuple(rows)


def _arrival(plan: Plan) -> date | None:
    return max((lane.table.service[step].arrives_on for lane, step, _ in plan.steps), default=None)


def _alternative(core: Core, other: Plan, cost: Cost, chosen: Plan) -> Alternative:
    price = _cost(core, other)
    dearer = price.minus(cost)
    ends, arrives_on = _arrival(chosen), _arrival(other)
    later = (arrives_on - ends) // timedelta(days=1) if ends and arrives_on else 0
    missing = sum(
        item.need - sum(spread.values())
        for item, spread in zip(core.items, other.units, strict=True)
    )
    return Alternative(
        locations=tuple(core.sources[at].location for at in sorted(other.places)),
        cost=price,
        arrives_on=arrives_on,
        parcels=sum(lane.table.parcels[step] for lane, step, _ in other.steps),
        unfilled=missing,
        lost_by_minor=price.total - cost.total,
        because=max(dearer, key=lambda name: dearer[name]),
        days_later=later,
    )


def _ready_at(problem: Problem, assignments: tuple[Assignment, ...]) -> datetime | None:
    """When the collection store can hand over what it has itself."""
    if problem.collect_at is None:
        return None
    if not any(row.location == problem.collect_at for row in assignments):
        return None
    source = next(s for s in problem.sources if s.location == problem.collect_at)
    return ready_for_collection(source.calendar, problem.now)
