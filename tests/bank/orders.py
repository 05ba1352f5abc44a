"""What happens to orders: placed, paid, given up, cancelled, routed again, or forgotten."""

from fulfilment.claims import allocations, backorders, reservations, shortages
from fulfilment.claims.reservations import Want
from fulfilment.outbound import picking
from kit import clock
from kit.errors import Refused
from tests.bank.actor import Actor, hold_order, line_of, promises
from tests.fulfilment.warehouse import ADDRESS, PLANS


def place(actor: Actor) -> None:
    """The order button."""
    ref = actor.new_order()
    wants = [
        Want(line_of(ref, number), sku, actor.place(), quantity)
        for number, (sku, quantity) in enumerate(actor.lines())
    ]
    # Some deadlines have passed before anybody looks again.
    deadline = clock.now() + actor.world.in_operations(actor.chance.choice([0, 40, 200, 800]))
    actor.commit(
        lambda session: reservations.place(session, order_ref=ref, wants=wants, expires_at=deadline)
    )


def extend(actor: Actor) -> None:
    """The payment page is opened."""
    ref, deadline = actor.some_order(), clock.now() + actor.world.in_operations(400)
    actor.commit(lambda session: reservations.extend(session, ref, deadline))


def pay(actor: Actor) -> None:
    """The money is there, in time or late."""
    ref = actor.some_order()

    def confirm(session):
        hold_order(session, ref)
        claimed, missing = allocations.from_reservations(
            session, order_ref=ref, promised=promises(ref)
        )
        opened = {row.line_id for row in shortages.open_for(session, ref)}
        for gap in missing:
            if gap.line_id not in opened:
                shortages.open_(
                    session,
                    order_ref=ref,
                    line_id=gap.line_id,
                    sku=gap.sku,
                    location=gap.location,
                    quantity=gap.quantity,
                    cause="reservation_lapsed",
                )
        picking.open_orders(
            session, order_ref=ref, allocations=claimed, plans=PLANS, address=ADDRESS
        )

    actor.commit(confirm)


def void(actor: Actor) -> None:
    """The buyer turns back."""
    ref = actor.some_order()

    def release(session):
        hold_order(session, ref)
        reservations.release(session, ref)

    actor.commit(release)


def sweep(actor: Actor) -> None:
    """The scheduler tidies up."""
    actor.commit(lambda session: reservations.expire_due(session, limit=40))


def cancel(actor: Actor) -> None:
    """The customer cancels, or what is left of the order is given up."""
    ref, picked = actor.some_order(), actor.chance.random() < 1 / 2

    def release(session):
        hold_order(session, ref)
        allocations.release(session, order_ref=ref, picked=picked)
        backorders.release(session, ref)
        picking.cancel_empty(session, ref)

    actor.commit(release)


def route_again(actor: Actor) -> None:
    """What lost its place finds another one, or is refunded."""
    ref, place = actor.some_order(), actor.place()

    def allocate(session):
        hold_order(session, ref)
        gaps = shortages.open_for(session, ref)
        wants = [Want(gap.line_id, gap.sku, place, gap.quantity) for gap in gaps]
        try:
            with session.begin_nested():
                found = allocations.allocate(
                    session, order_ref=ref, wants=wants, promised=promises(ref)
                )
        except Refused:
            found = []
        picking.open_orders(session, order_ref=ref, allocations=found, plans=PLANS, address=ADDRESS)
        for gap in gaps:
            assert shortages.resolve(session, gap.id, "rerouted" if found else "refunded")

    actor.commit(allocate)
