"""What happens to goods: they come, go, change their place, and are not where the books say."""

from sqlalchemy import text

from fulfilment.stock import counter_sales, counts, ledger, months
from kit.errors import KontorError
from loyalty import points
from tests.bank.actor import Actor, units


def receive(actor: Actor) -> None:
    """A supplier delivers."""
    place, lines, by = actor.place(), actor.lines(4), _by(actor)
    actor.commit(lambda session: ledger.receive(session, place, lines, **by), receipt=units(lines))


def transfer(actor: Actor) -> None:
    """A van goes from one place to another; what left arrives, whatever happens meanwhile."""
    origin, lines, by = actor.place(), actor.lines(2), _by(actor)
    target = actor.chance.choice([place for place in actor.world.places if place != origin])
    actor.commit(
        lambda session: ledger.transfer_out(session, origin, target, lines, **by),
        transfer_out=units(lines),
    )
    by["key"] += "/in"
    try:
        actor.commit(
            lambda session: ledger.transfer_in(session, target, lines, **by),
            transfer_in=units(lines),
        )
    except KontorError as refusal:
        raise AssertionError("what was sent did not arrive") from refusal


def sell(actor: Actor) -> None:
    """The till; the customer earns points in the same transaction."""
    place, lines, number = actor.place(), actor.lines(), actor.customer()

    def sale(session):
        sold = counter_sales.sell(
            session, location=place, lines=lines, document=actor.key, actor=actor.name,
            key=actor.key,
        )  # fmt: skip
        new = points.earn(
            session, number=number, points=units(lines), cause="sale", document=actor.key,
            key=actor.key,
        )  # fmt: skip
        assert new != sold.repeated
        return sold

    sold = actor.commit(sale, till_sale=units(lines), earned=units(lines))
    actor.told["found"] += units(sold.found)


def bring_back(actor: Actor) -> None:
    """A customer returns something at any place; the points for it go."""
    place, lines, number = actor.place(), actor.lines(2), actor.customer()
    by, to = _by(actor), actor.chance.choice(["shelf", "quarantine"])

    def take(session):
        ledger.take_back(session, place, lines, to=to, **by)
        points.take_back(
            session, number=number, points=units(lines), cause="return", document=actor.key,
            key=f"return/{actor.key}",
        )  # fmt: skip

    actor.commit(take, **{"return": units(lines), "earned": -units(lines)})


def quarantine(actor: Actor) -> None:
    """Something looks broken."""
    place, lines, by = actor.place(), actor.lines(2), _by(actor)
    actor.commit(
        lambda session: ledger.quarantine(session, place, lines, **by), quarantine=units(lines)
    )


def release(actor: Actor) -> None:
    """It was not broken."""
    place, lines, by = actor.place(), actor.lines(2), _by(actor)
    actor.commit(lambda session: ledger.release(session, place, lines, **by), released=units(lines))


def write_off(actor: Actor) -> None:
    """It was."""
    place, lines, by = actor.place(), actor.lines(1), _by(actor)
    actor.commit(
        lambda session: ledger.write_off(session, place, lines, **by), write_off=units(lines)
    )


def find(actor: Actor) -> None:
    """Behind the shelf lies something that the books do not know."""
    place, lines, by = actor.place(), actor.lines(1), _by(actor)
    actor.commit(lambda session: ledger.found(session, place, lines, **by), found=units(lines))


def count(actor: Actor) -> None:
    """Somebody counts what surprised them, and finds about what the books say."""
    place = actor.place()

    def post(session):
        tasks = counts.open_tasks(session, place)
        if not tasks:
            return 0
        task = actor.chance.choice(tasks)
        books = session.execute(
            text(
                "SELECT on_hand - picked FROM stock_balances"
                " WHERE location = :location AND sku = :sku"
            ),
            {"location": place, "sku": task.sku},
        ).scalar_one()
        counted = max(0, books + actor.chance.choice([-2, -1, 0, 0, 0, 1, 2]))
        return counts.post(session, task.id, counted, actor=actor.name).difference

    actor.told["count"] += actor.commit(post)


def close_month(actor: Actor) -> None:
    """The scheduler opens the months ahead and closes the one that is over."""

    def close(session):
        months.open_ahead(session)
        return months.close_due(session)

    if actor.commit(close) is not None:
        actor.done["month closed"] += 1


def spend(actor: Actor) -> None:
    """A refund or a voucher takes points; the balance may fall below zero."""
    number = actor.customer()
    actor.commit(
        lambda session: points.take_back(
            session, number=number, points=3, cause="refund", document=actor.key,
            key=f"refund/{actor.key}",
        ),
        earned=-3,
    )  # fmt: skip


def _by(actor: Actor) -> dict[str, str]:
    return {"document": f"D {actor.key}", "actor": actor.name, "key": actor.key}
