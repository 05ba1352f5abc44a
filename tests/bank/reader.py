"""The reader: snapshots of the books while others work, with every invariant in each."""

import time
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from sqlalchemy import Engine, text

import fulfilment.proofs
import loyalty.proofs
from tests.bank.crowd import Gate
from tests.soak import SOAK

PROOFS = {**fulfilment.proofs.PROOFS, **loyalty.proofs.PROOFS}


def snapshot(engine: Engine) -> tuple[int, list[Any]]:
    """Look at one instant of the books; return how many movements they hold and what is broken."""
    as_of_now = engine.connect().execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )
    with as_of_now as connection:
        movements = connection.scalar(text("SELECT count(*) FROM stock_movement_keys"))
        broken = [
            (number, *row)
            for number, proof in PROOFS.items()
            for row in connection.execute(text(proof))
        ]
    return movements, broken


def watch(
    engine: Engine, gate: Gate, working: Sequence["Future[Any]"], snapshots: int
) -> list[int]:
    """Take so many snapshots, spread over the whole of the actors' work.

    Returns:
        The movements that each snapshot saw.

    Raises:
        AssertionError: a snapshot broke an invariant.
    """
    seen: list[int] = []
    for number in range(snapshots):
        while gate.done < number * gate.step and not _failed(working):
            time.sleep(0.002)
        movements, broken = snapshot(engine)
        assert broken == [], f"snapshot {number}, after {gate.done} operations"
        seen.append(movements)
        gate.seen(number + 1)
        if SOAK and (number + 1) % (snapshots // 10) == 0:
            print(f"  {number + 1} snapshots, {gate.done} operations, {movements} movements")
    return seen


def _failed(working: Sequence["Future[Any]"]) -> bool:
    for one in working:
        if one.done():
            one.result()
    return False
