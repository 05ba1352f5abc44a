"""What happens with papers: purchase orders, transfers, backorders, safety stock, corrections."""

from datetime import timedelta

from fulfilment.claims import backorder_policies, backorders
from fulfilment.claims.backorder_queue import cover_due, expire_due
from fulfilment.claims.reservations import Want
from fulfilment.inbound import purchases, transfers
from fulfilment.inbound.purchases import Wanted
from fulfilment.stock import ledger, safety
from kit import clock
from kit.database import reading
from tests.bank.actor import Actor, hold_order, line_of, units


def buy(actor: Actor) -> None:
    """A purchase order; what comes differs from what was ordered."""
    place, lines = actor.place(), actor.lines(4)
    day = clock.today() + timedelta(days=actor.chance.randint(0, 5))
    wanted = [Wanted(sku, quantity, day) for sku, quantity in lines]
    number = actor.commit(
        lambda session: purchases.place(
            session, supplier="Rheinhaken", location=place, lines=wanted, actor=actor.name
        )
    )
    came = [(sku, actor.chance.randint(1, 5)) for sku, _ in lines]
    actor.commit(
        lambda session: purchases.receive(session, number, came, key=actor.key, actor=actor.name),
        receipt=units(came),
    )
    if actor.chance.random() < 1 / 2:
        with reading() as session:
            awaited = purchases.view(session, number).state == "open"
        if awaited:
            actor.commit(lambda session: purchases.cancel_rest(session, number, actor=actor.name))


def send_van(actor: Actor) -> None:
    """A transfer with a document: part of it arrives, the rest is given up."""
    origin, lines = actor.place(), actor.lines(2)
    target = actor.chance.choice([place for place in actor.world.places if place != origin])
    number = actor.commit(
        lambda session: transfers.request(
            session, origin=origin, location=target, lines=lines, actor=actor.name
        )
    )
    actor.commit(
        lambda session: transfers.send(session, number, actor=actor.name),
        transfer_out=units(lines),
    )
    sent = dict.fromkeys((sku for sku, _ in lines), 0)
    for sku, quantity in lines:
        sent[sku] += quantity
    came = [(sku, actor.chance.randint(1, quantity + 1)) for sku, quantity in sent.items()]
    in_time = sum(min(quantity, sent[sku]) for sku, quantity in came)
    actor.commit(
        lambda session: transfers.receive(session, number, came, key=actor.key, actor=actor.name),
        transfer_in=in_time,
        found=units(came) - in_time,
    )
    with reading() as session:
        under_way = transfers.view(session, number).state == "sent"
    if under_way:
        lost = actor.commit(
            lambda session: transfers.close(session, number, reason="lost", actor=actor.name)
        )
        actor.told["transfer_lost"] += units(lost)


def allow_to_owe(actor: Actor) -> None:
    """A place may promise more than it has, or fewer than before."""
    place, [(sku, _), *_] = actor.place(), actor.lines()
    limit = actor.chance.choice([0, 3, 10])
    day = clock.today() + timedelta(days=3)
    actor.commit(
        lambda session: backorder_policies.put(
            session, place, sku, units=limit, ships_on=day, actor=actor.name
        )
    )


def owe(actor: Actor) -> None:
    """An order for what is to come; some are paid, some are not."""
    ref, paid = actor.new_order(), actor.chance.random() < 1 / 2
    wants = [
        Want(line_of(ref, number), sku, actor.place(), quantity)
        for number, (sku, quantity) in enumerate(actor.lines(2)[:2])
    ]
    deadline = clock.now() + actor.world.in_operations(actor.chance.choice([40, 200, 800]))
    actor.commit(
        lambda session: backorders.place(session, order_ref=ref, wants=wants, expires_at=deadline)
    )

    def settle(session):
        hold_order(session, ref)
        if paid:
            backorders.confirm(session, ref)
        else:
            backorders.release(session, ref)

    actor.commit(settle)


def serve(actor: Actor) -> None:
    """The scheduler ends what expired and serves who waits."""
    actor.commit(lambda session: expire_due(session, limit=40))
    actor.commit(lambda session: cover_due(session, limit=20))


def keep_back(actor: Actor) -> None:
    """A store keeps some for its counter."""
    place, lines = actor.place(), actor.lines()
    wanted = {(place, sku): quantity - 1 for sku, quantity in lines}
    actor.commit(lambda session: safety.put(session, wanted, reason="counter", actor=actor.name))


def correct(actor: Actor) -> None:
    """A delivery was booked by mistake and is corrected, if the units are still there."""
    place, [(sku, quantity), *_] = actor.place(), actor.lines()
    by = {"document": f"D {actor.key}", "actor": actor.name}
    [wrong] = actor.commit(
        lambda session: ledger.receive(session, place, [(sku, quantity)], key=actor.key, **by),
        receipt=quantity,
    )
    actor.commit(
        lambda session: ledger.correct(
            session, wrong, reason="mistake", actor=actor.name, key=f"{actor.key}/x"
        ),
        correction=quantity,
    )
