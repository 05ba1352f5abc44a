"""What a person may choose instead of the router's plan, and what each choice costs and changes.

1. Movable is what nobody picks yet: open units in fulfilment orders that are open, too.
2. The router is asked twice about the same units: freely, and held to the choice. So a choice has
   the same costs, days and parcels that the router would count with.
3. A print of what was shown lets a later step see that nothing has changed since.
"""

import hashlib
import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from app.sales.models import Order
from app.workflows import loose
from app.workflows.loose import Loose
from fulfilment.places.geography import distance_km
from fulfilment.routing.decide import decide
from fulfilment.routing.decision import Decision
from fulfilment.routing.problem import Problem, Source
from kit.errors import Invalid, Refused

Spread = Mapping[str, Mapping[str, int]]
"""Units by line key and location code."""
OFFERED = 6
"""Ready plans that are shown beside the router's."""
TRIED = 8
"""Lines that are tried, one after the other, at a location that would send nothing otherwise."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A choice, priced: what the router says of it, and of the units as it would send them.

    `now` is the plan as it stands, None where it cannot be kept as it is. `later` holds lines that
    would arrive after the day that the customer was told: that day and the new one.
    """

    wanted: Spread
    decision: Decision
    router: Decision
    now: Decision | None
    later: Mapping[str, tuple[date, date]]
    seen: str

    @property
    def dearer_minor(self) -> int:
        """What the choice costs more than the router's plan, in cents."""
        return self.decision.cost.total - self.router.cost.total

    @property
    def parcels_change(self) -> bool:
        """Whether the customer gets another number of parcels than as things stand."""
        return self.now is None or len(self.now.parcels) != len(self.decision.parcels)


def movable(session: Session, order: Order, *, lock: bool = False) -> Loose:
    """Return what of an order may still be moved.

    Args:
        session: the open transaction.
        order: whose; with `lock` it is locked already, and its fulfilment orders get locked, so
            that nobody starts to pick meanwhile.
        lock: whether something is to be moved.

    Raises:
        Refused: ``order_state`` unless it is paid and not complete; ``collected`` for click &
            collect; ``picking_started`` when nothing is left to move.
    """
    if order.state != "confirmed":
        raise Refused("order_state", state=order.state)
    if order.collect_at is not None:
        raise Refused("collected", location=order.collect_at)
    units = loose.gather(session, order, gaps=(), lock=lock)
    if not units.rows:
        raise Refused("picking_started")
    return units


def problem_of(session: Session, units: Loose) -> Problem:
    """Return the routing problem of the movable units, as if they were nowhere yet."""
    return loose.problem_of(session, units, promise_on=units.order.promised_on)


def spread_now(units: Loose) -> dict[str, dict[str, int]]:
    """Return where movable units are now."""
    found: dict[str, dict[str, int]] = {}
    for (line_id, place), quantity in units.placed.items():
        found.setdefault(str(line_id), {})[place] = quantity
    return found


def held_to(problem: Problem, wanted: Spread) -> Decision:
    """Return the router's decision where each line may only come from where it is wanted from.

    A SKU that several locations share in has exactly these units there.
    """
    skus = {line.key: line.sku for line in problem.lines}
    by_sku: dict[str, dict[str, int]] = {}
    for key, at in wanted.items():
        there = by_sku.setdefault(skus[key], {})
        for code, units in at.items():
            there[code] = there.get(code, 0) + units
    codes = frozenset(source.location for source in problem.sources)
    lines = tuple(
        replace(line, refused_by={*line.refused_by, *(codes - by_sku.get(line.sku, {}).keys())})
        for line in problem.lines
    )
    shared = {sku: at for sku, at in by_sku.items() if len(at) > 1}
    sources = tuple(
        replace(source, available={**source.available, **_shares(source, shared)})
        for source in problem.sources
    )
    return decide(replace(problem, lines=lines, sources=sources), alternatives=0)


def _shares(source: Source, shared: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    free = source.available
    return {
        sku: min(at[source.location], free.get(sku, 0))
        for sku, at in shared.items()
        if source.location in at
    }


def propose(problem: Problem, units: Loose, wanted: Spread) -> Proposal:
    """Price a choice.

    Args:
        problem: of the movable units.
        units: what is movable now.
        wanted: all of it, by line and location.

    Raises:
        Invalid: ``choice`` when it does not hold exactly the movable units.
        Refused: ``plan_impossible`` with `locations`, when a location cannot send its part.
    """
    _check(units, wanted)
    decision = held_to(problem, wanted)
    if not decision.complete or _by_sku(decision) != _of_skus(units, wanted):
        named = sorted({code for at in wanted.values() for code in at})
        raise Refused("plan_impossible", locations=named)
    standing = held_to(problem, spread_now(units))
    kept = standing.complete and _by_sku(standing) == _of_skus(units, spread_now(units))
    return Proposal(
        wanted=spread_of(decision),
        decision=decision,
        router=decide(problem),
        now=standing if kept else None,
        later=_later(units, decision),
        seen=_print(units, decision),
    )


def _check(units: Loose, wanted: Spread) -> None:
    totals = {key: sum(at.values()) for key, at in spread_now(units).items()}
    asked = {key: sum(at.values()) for key, at in wanted.items()}
    if totals != asked or any(n < 0 for at in wanted.values() for n in at.values()):
        raise Invalid("choice", wanted=asked, movable=totals)


def _by_sku(decision: Decision) -> dict[tuple[str, str], int]:
    # Lines of one SKU share its units: which line gets which is the router's to say.
    found: dict[tuple[str, str], int] = {}
    for part in decision.assignments:
        at = part.sku, part.location
        found[at] = found.get(at, 0) + part.quantity
    return found


def _of_skus(units: Loose, spread: Spread) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for key, at in spread.items():
        for code, count in at.items():
            where = units.lines[uuid.UUID(key)].sku, code
            found[where] = found.get(where, 0) + count
    return {where: count for where, count in found.items() if count}


def _later(units: Loose, decision: Decision) -> dict[str, tuple[date, date]]:
    """Lines that would arrive after the day that the customer was told."""
    later = {}
    for key, day in decision.promise_on.items():
        told = units.lines[uuid.UUID(key)].promised_on
        if told is not None and day is not None and day > told:
            later[key] = (told, day)
    return later


def _print(units: Loose, decision: Decision) -> str:
    """A fingerprint of what is moved and what was shown of it: places, days, parcels, postage."""
    facts = {
        "from": {key: dict(sorted(at.items())) for key, at in sorted(spread_now(units).items())},
        "days": {key: str(day) for key, day in sorted(decision.promise_on.items())},
        "parcels": len(decision.parcels),
        "postage": decision.cost.parcels,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:24]


def spread_of(decision: Decision) -> dict[str, dict[str, int]]:
    """Return where a decision sends its units from."""
    found: dict[str, dict[str, int]] = {}
    for part in decision.assignments:
        at = found.setdefault(part.key, {})
        at[part.location] = at.get(part.location, 0) + part.quantity
    return found


def ready(problem: Problem) -> list[Decision]:
    """Return the router's plan, then the best plans of other sets of locations, cheapest first.

    Where the cheapest plan of a set does without one of its locations, one line is made to come
    from there: the one with which it is cheapest.
    """
    best = decide(problem, alternatives=OFFERED)
    sets = [frozenset(one.locations) for one in best.alternatives]
    sets += [frozenset({one.location}) for one in _nearest(problem, whole=True)]
    sets += [frozenset({*best.locations, one.location}) for one in _nearest(problem, whole=False)]
    found = [best]
    missing = sum(best.unfilled.values())
    for places in dict.fromkeys(sets):
        if places == set(best.locations):
            continue
        plan = _of_set(problem, places)
        if plan is not None and sum(plan.unfilled.values()) <= missing:
            found.append(plan)
    return [best, *sorted(found[1:], key=lambda plan: plan.cost.total)[:OFFERED]]


def _of_set(problem: Problem, places: frozenset[str]) -> Decision | None:
    """The cheapest plan in which every one of these locations sends something, if there is one."""
    plan = _within(problem, places)
    idle = places - set(plan.locations)
    if not idle:
        return plan
    if len(idle) > 1:
        return None
    at = next(one for one in problem.sources if one.location in idle)
    lines = [line for line in problem.lines if at.available.get(line.sku, 0) >= line.quantity]
    tried = [_within(problem, places, line.sku, at.location) for line in lines[:TRIED]]
    whole = [one for one in tried if set(one.locations) == places]
    return min(whole, key=lambda one: one.cost.total, default=None)


def _nearest(problem: Problem, *, whole: bool) -> list[Source]:
    """The nearest locations that have the whole order, or a whole line of it."""
    enough = all if whole else any
    needed: dict[str, int] = {}
    for line in problem.lines:
        needed[line.sku] = needed.get(line.sku, 0) + line.quantity
    found = [
        one
        for one in problem.sources
        if enough(one.available.get(sku, 0) >= units for sku, units in needed.items())
    ]
    home = problem.destination

    def distance(one: Source) -> float:
        return distance_km(one.latitude, one.longitude, home.latitude, home.longitude)

    return sorted(found, key=distance)[:OFFERED]


def _within(problem: Problem, places: Collection[str], sku: str = "", only: str = "") -> Decision:
    """The cheapest plan within some locations; a SKU may be bound to one of them."""
    codes = frozenset(one.location for one in problem.sources)
    lines = []
    for line in problem.lines:
        allowed = {only} if line.sku == sku else set(places)
        lines.append(replace(line, refused_by=frozenset(line.refused_by) | (codes - allowed)))
    return decide(replace(problem, lines=tuple(lines)), alternatives=0)


def by_hand(units: Loose, problem: Problem, chosen: Mapping[str, str]) -> Spread:
    """Return where all units go if some lines are to come from a location.

    What that location has too few of stays where it is.

    Args:
        units: what is movable.
        problem: of these units.
        chosen: location code by line key; lines that are not named stay.

    Raises:
        Invalid: ``location``, ``choice`` for a line that is not movable.
    """
    free = {source.location: dict(source.available) for source in problem.sources}
    wanted = {key: dict(at) for key, at in spread_now(units).items()}
    for key, code in chosen.items():
        if key not in wanted:
            raise Invalid("choice", line=key)
        if code not in free:
            raise Invalid("location", location=code)
        sku = units.lines[uuid.UUID(key)].sku
        there = min(free[code].get(sku, 0), sum(wanted[key].values()))
        free[code][sku] = free[code].get(sku, 0) - there
        wanted[key] = _moved(wanted[key], code, there)
    return wanted


def _moved(at: Mapping[str, int], code: str, units: int) -> dict[str, int]:
    """Units with so many of them at a location; the rest stays, the largest parts first."""
    rest = sum(at.values()) - units
    moved = {code: units} if units else {}
    for other, count in sorted(at.items(), key=lambda item: (-item[1], item[0])):
        stays = min(count, rest) if other != code else 0
        rest -= stays
        if stays:
            moved[other] = moved.get(other, 0) + stays
    return moved
