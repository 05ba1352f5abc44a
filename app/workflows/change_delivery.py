"""A customer changes where an order goes, or by when they need it: until somebody picks.

1. `preview` plans the order for the changed address and day, and moves nothing.
2. `change` does it, if it still comes out as it was shown; else nothing moves, and they see anew.
3. The plan of the changed order is its promise. A day that cannot be met is refused with the
   earliest one that can; what they pay for the delivery stays as agreed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.sales import orders
from app.sales.models import Order
from app.workflows import loose, route_order, tell_choices
from app.workflows.buyers import wrong_address
from app.workflows.loose import Loose
from fulfilment.claims import backorders, shortages
from fulfilment.outbound import fulfilment_orders
from fulfilment.routing import snapshot
from fulfilment.routing.decide import decide
from fulfilment.routing.decision import Decision
from kit.database import reading, transaction
from kit.errors import Invalid, Refused

CAUSE = "delivery_changed"


@dataclass(frozen=True)
class Wish:
    """What the customer wants: the address as a whole, and the day by which they need it."""

    name: str
    street: str
    postal_code: str
    city: str
    need_by_on: date | None = None

    def checked(self) -> "Wish":
        """Return self if it can be delivered to.

        Raises:
            Invalid: ``buyer`` with the names of the fields that are missing or wrong.
        """
        written = {"name": self.name, "street": self.street, "city": self.city}
        wrong = wrong_address(written, self.postal_code, self.need_by_on)
        if wrong:
            raise Invalid("buyer", fields=wrong)
        return self

    def address(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return the address as it is stored and printed; what is not asked for stays."""
        return {
            **before,
            "name": self.name.strip(),
            "street": self.street.strip(),
            "postal_code": self.postal_code,
            "city": self.city.strip(),
        }


@dataclass(frozen=True)
class Change:
    """Before and after: the day of the last arrival, and the number of parcels."""

    before_on: date | None
    before_parcels: int
    after_on: date
    after_parcels: int


def changeable(session: Session, order: Order) -> str | None:
    """Return why an order cannot be changed any more; None where it can.

    Returns:
        ``order_state``, ``collected``, ``picking_started``, or ``not_now`` while a part of it is
        being looked for.
    """
    if order.state != "confirmed" or order.channel != "web":
        return "order_state"
    if order.collect_at is not None:
        return "collected"
    jobs = fulfilment_orders.of_order(session, order.ref)
    shipped = any(line.shipped for line in orders.lines_of(session, order))
    if shipped or any(job.state != "open" for job in jobs):
        return "picking_started"
    waits = any(row.state == "waiting" for row in backorders.of_order(session, order.ref))
    if waits or not jobs or shortages.open_for(session, order.ref):
        return "not_now"
    return None


def preview(order_ref: str, wish: Wish) -> Change:
    """Return what a change would do to day and parcels; nothing is moved.

    Raises:
        Invalid: ``buyer``.
        Refused: as `change`.
    """
    wish.checked()
    with reading() as session:
        order = orders.by_ref(session, order_ref)
        units = _units(session, order, lock=False)
        return _change(session, units, _plan(session, units, wish))


def change(order_ref: str, wish: Wish, *, shown_on: date, by: str = "customer") -> Change:
    """Change address and day of an order, if it still comes out as it was shown.

    Args:
        order_ref: which order.
        wish: what the customer wants.
        shown_on: the new day that they were shown.
        by: ``customer``, or who does it for them.

    Raises:
        Invalid: ``buyer``.
        NotFound: ``order``.
        Refused: ``order_state``, ``collected``, ``picking_started``, ``not_now``;
            ``need_by_missed`` with `earliest_on`; ``plan_changed`` with the `after_on` of now.
            Nothing has changed then.
    """
    wish.checked()
    with transaction() as session:
        order = orders.by_ref(session, order_ref, lock=True)
        units = _units(session, order, lock=True)
        decision = _plan(session, units, wish)
        found = _change(session, units, decision)
        if found.after_on != shown_on:
            raise Refused("plan_changed", after_on=found.after_on.isoformat())
        _apply(session, units, wish, decision)
        stored = snapshot.store(session, order.ref, decision, cause=CAUSE)
        orders.note(
            session,
            order.ref,
            "delivery_changed",
            by,
            before=str(found.before_on),
            after=str(found.after_on),
            parcels=found.after_parcels,
            decision=str(stored.id),
            locations=list(decision.locations),
        )
        tell_choices.delivery_changed(session, order, str(stored.id))
        return found


def _units(session: Session, order: Order, *, lock: bool) -> Loose:
    if lock:
        fulfilment_orders.lock_of_order(session, order.ref)
    reason = changeable(session, order)
    if reason is not None:
        raise Refused(reason)
    return loose.gather(session, order, gaps=(), lock=lock)


def _plan(session: Session, units: Loose, wish: Wish) -> Decision:
    problem = loose.problem_of(
        session, units, postal_code=wish.postal_code, need_by_on=wish.need_by_on
    )
    decision = decide(problem)
    if not decision.complete:
        late = [row.arrives_on for row in decision.exclusions if row.arrives_on is not None]
        earliest = min(late, default=None)
        raise Refused("need_by_missed", earliest_on=earliest.isoformat() if earliest else None)
    return decision


def _change(session: Session, units: Loose, decision: Decision) -> Change:
    if decision.arrives_on is None:
        raise Refused("not_now")
    before = route_order.outlook(session, units.order)
    return Change(
        before_on=units.order.promised_on,
        before_parcels=len(before),
        after_on=decision.arrives_on,
        after_parcels=len(decision.locations),
    )


def _apply(session: Session, units: Loose, wish: Wish, decision: Decision) -> None:
    order = units.order
    order.address = wish.address(order.address)
    order.need_by_on = wish.need_by_on
    arrives: dict[str, date] = {}
    for part in decision.assignments:
        arrives[part.key] = max(part.arrives_on, arrives.get(part.key, part.arrives_on))
    for line in units.lines.values():
        line.promised_on = arrives.get(str(line.id), line.promised_on)
    order.promised_on = decision.arrives_on
    session.flush()
    loose.settle(session, units, decision)
