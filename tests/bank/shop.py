"""The shop that the actors share: a few articles at four places, ten customers."""

from datetime import timedelta

from fulfilment.claims import backorder_policies
from fulfilment.stock import ledger
from kit import clock
from kit.database import transaction
from kit.ids import has_mod10_check_digit
from loyalty import customers
from tests.bank.actor import OPENING, World

PLACES = ("bonn", "koblenz", "koeln", "lager")


def opened(
    seed: str, *, actors: int, operations: int, skus: int, units: int, most_lines: int = 4
) -> World:
    """Return a world whose places exist, after filling its shelves: `units` of each article."""
    world = World(
        seed=seed,
        actors=actors,
        operations=operations,
        skus=tuple(f"S-{number:02}" for number in range(skus)),
        places=PLACES,
        customers=_ten_numbers(),
        most_lines=most_lines,
    )
    with clock.frozen(OPENING), transaction() as session:
        for number in world.customers:
            customers.enrol(session, number=number, name="Kunde", email=f"{number}@example.org")
        for place in PLACES:
            moves = [
                ledger.Move(
                    sku, units, "supplier", None, "shelf", place, "opening", "opening",
                    f"opening/{place}/{sku}",
                )
                for sku in world.skus
            ]  # fmt: skip
            ledger.move(session, moves, actor="test", channel="import")
            # Every second article may be owed from the start, so that somebody surely does.
            for sku in world.skus[::2]:
                backorder_policies.put(
                    session, place, sku, units=10, ships_on=OPENING.date() + timedelta(60),
                    actor="test",
                )  # fmt: skip
    return world


def _ten_numbers() -> tuple[str, ...]:
    numbers = (str(number) for number in range(3104800, 3104900))
    return tuple(number for number in numbers if has_mod10_check_digit(number))
