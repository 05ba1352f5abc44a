"""Decide a period's orders again under another setup. Nothing is written; stock stays as it is.

1. Every stored decision of the period is asked again, in the order of then: the first of an order,
   and what was routed again. The question is the one of then (`fulfilment.routing.given`): lines,
   place, instant, promise, free units; costs and calendars are those of the setup.
2. Free units are corrected by what earlier replayed orders took elsewhere (corrections.py).
3. A decision about all units of an order again takes the place of the earlier ones; one about a
   part of them (a short pick) comes on top. Disturbances strike the replayed plan like the old one.
4. Decisions that people made stay as they are and are only priced anew. Units that lay claimed for
   their order go from where they lay.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from fulfilment import rules
from fulfilment.models import RoutingDecision
from fulfilment.routing import given, kept
from fulfilment.routing.decide import decide
from fulfilment.routing.decision import Decision
from fulfilment.routing.given import Given
from fulfilment.routing.kept import Kept
from fulfilment.rules import Setup, stamp
from fulfilment.whatif.corrections import Corrections
from fulfilment.whatif.repricing import at_prices, plan_of, repriced
from fulfilment.whatif.results import OrderChange, Result, Side, add
from kit.database import Json

BY_PEOPLE = frozenset({"override"})
"""Causes of decisions that a person made."""
LISTED = 500
"""Orders that a result lists; the sums hold all."""
_CHUNK = 200

Progress = Callable[[int, int], bool]


class Cancelled(Exception):
    """Whoever watches the replay has said to stop."""


@dataclass(frozen=True, slots=True)
class _Stored:
    """A stored decision; `given` is None where it was stored before questions were kept."""

    order_ref: str
    cause: str
    decision: Json
    given: Json | None


@dataclass(slots=True)
class _Replayed:
    """One decision: then, then at the new prices (None: not possible), now."""

    then: Decision
    repriced: Decision | None
    now: Decision


@dataclass(slots=True)
class _Order:
    """What stands of an order: units asked for by SKU, decisions that make them up."""

    asked: Counter[str]
    standing: list[_Replayed] = field(default_factory=list)


def count(session: Session, since: datetime, until: datetime) -> int:
    """Return how many decisions a period holds (`until` excluded)."""
    found = select(func.count()).where(
        RoutingDecision.decided_at >= since, RoutingDecision.decided_at < until
    )
    return session.scalar(found) or 0


def since_newest(session: Session, decisions: int) -> datetime | None:
    """Return when the oldest of the newest so many decisions was made; None without any."""
    newest = (
        select(RoutingDecision.decided_at)
        .where(RoutingDecision.given.is_not(None))
        .order_by(RoutingDecision.decided_at.desc())
        .limit(decisions)
        .subquery()
    )
    oldest: datetime | None = session.scalar(select(func.min(newest.c.decided_at)))
    return oldest


def replay(
    session: Session,
    since: datetime,
    until: datetime,
    setup: Setup,
    progress: Progress = lambda _done, _total: True,
    *,
    leave_out: Collection[str] = frozenset(),
) -> Result:
    """Return what the orders of a period would have cost under a setup.

    Deterministic; reads decisions and locations, writes nothing.

    Args:
        session: any session, a read-only one is enough.
        since, until: when they were decided; `until` is excluded.
        setup: checked (`fulfilment.rules.check`).
        progress: called with decisions done and in all; False stops.
        leave_out: references of orders that never came about (not paid, cancelled).

    Raises:
        Cancelled: `progress` said stop.
    """
    network = _network(session, setup)
    total = count(session, since, until)
    period = _Period(network, rules.split_prices(session))
    for done, row in enumerate(_decisions(session, since, until)):
        if not progress(done, total):
            raise Cancelled
        if row.order_ref not in leave_out:
            period.take(row)
    progress(total, total)
    return period.result()


def _network(session: Session, setup: Setup) -> Kept:
    found = stamp(session)
    if found is None:
        raise RuntimeError("the database has no setup stamp: it was not migrated")
    return kept.of_setup(session, found, setup)


def _decisions(session: Session, since: datetime, until: datetime) -> Iterator[_Stored]:
    """Return the decisions of a period in their order, read some at a time."""
    row = RoutingDecision
    wanted = (
        select(row.id, row.decided_at, row.order_ref, row.cause, row.decision, row.given)
        .where(row.decided_at >= since, row.decided_at < until)
        .order_by(row.decided_at, row.id)
        .limit(_CHUNK)
    )
    chunk = session.execute(wanted).all()
    while chunk:
        for one in chunk:
            yield _Stored(one.order_ref, one.cause, one.decision, one.given)
        last = (chunk[-1].decided_at, chunk[-1].id)
        chunk = session.execute(wanted.where(tuple_(row.decided_at, row.id) > last)).all()


class _Period:
    """The state of a replay between two decisions."""

    def __init__(self, network: Kept, split_prices: rules.SplitPrices) -> None:
        self._network = network
        self._split_prices = split_prices
        self._corrections = Corrections()
        self._orders: dict[str, _Order] = {}
        self._without_question = self._by_people = 0

    def take(self, row: _Stored) -> None:
        """Replay one decision."""
        if row.given is None:
            self._without_question += 1
            return
        then, asked = Decision.from_json(row.decision), Given.from_json(row.given)
        order = self._order(row.order_ref, asked)
        problem = given.problem(self._corrections.apply(asked), self._network)
        if row.cause in BY_PEOPLE:
            self._by_people += 1
            stays = at_prices(then, problem, then.reference_on) or then
            order.standing.append(_Replayed(_bare(then), _bare(stays), _bare(stays)))
            return
        now = decide(problem, alternatives=0)
        again = repriced(then, problem, now)
        order.standing.append(_Replayed(_bare(then), again and _bare(again), _bare(now)))
        self._corrections.note(then, now)

    def _order(self, order_ref: str, asked: Given) -> _Order:
        """Return the order; with nothing standing where the question is about all of it."""
        units: Counter[str] = Counter()
        for line in asked.lines:
            units[line.sku] += line.quantity
        order = self._orders.get(order_ref)
        if order is None or order.asked == units:
            for replaced in order.standing if order else ():
                self._corrections.note(replaced.then, replaced.now, times=-1)
            order = self._orders[order_ref] = _Order(units)
        return order

    def result(self) -> Result:
        """Sum up."""
        sides = Side(), Side(), Side()
        changes, forced, decisions = [], 0, 0
        for order_ref, order in self._orders.items():
            rows = order.standing
            decisions += len(rows)
            reference_on = rows[0].then.reference_on or rows[0].then.need_by_on
            impossible = any(row.repriced is None for row in rows)
            forced += impossible
            at, split = rows[0].then.decided_at, self._network.rules.split_minor
            split_then = self._split_prices.at(at)
            then = add(sides[0], [row.then for row in rows], reference_on, split_then)
            again = [row.now if impossible else row.repriced or row.now for row in rows]
            same = add(sides[1], again, reference_on, split)
            now = add(sides[2], [row.now for row in rows], reference_on, split)
            if any(plan_of(row.then) != plan_of(row.now) for row in rows):
                priced = None if impossible else same.cost_minor
                changes.append(OrderChange(order_ref, at, then, priced, now))
        changes.sort(key=_weight)
        return Result(
            orders=len(self._orders),
            decisions=decisions,
            without_question=self._without_question,
            by_people=self._by_people,
            forced=forced,
            changed=len(changes),
            then=sides[0],
            repriced=sides[1],
            replayed=sides[2],
            changes=tuple(changes[:LISTED]),
        )


def _bare(decision: Decision) -> Decision:
    """Return what a sum needs of a decision; thousands are held at once."""
    return replace(
        decision, problem=None, alternatives=(), exclusions=(), stock={}, cut_offs_passed={}
    )


def _weight(change: OrderChange) -> tuple[int, datetime, str]:
    """Order changes by how much they change, then by time."""
    difference = abs(change.replayed.cost_minor - change.then.cost_minor)
    return -difference, change.decided_at, change.order_ref
