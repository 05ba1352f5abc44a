"""Who is shown which suggestions, and what was seen of them: the same on the web and at the till.

A basket is the web's own or one at a till, which is known by the id that its sale will have. Both
take part in trials by the same hash, and are counted by it alone (`catalog.crosssell.measuring`).
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.workflows import suggest
from app.workflows.candidates import Offer
from catalog.crosssell import measuring
from catalog.crosssell.measuring import TrialView
from kit import clock
from kit.database import transaction


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a basket in what is measured: its `unit`, the trial that runs, and its arm."""

    unit: str
    trial: TrialView | None
    arm: str

    def offered(self, ask: Callable[[bool], list[Offer]]) -> list[Offer]:
        """Return what the basket's arm is offered; `ask` is told whether what was learnt counts."""
        variant = self.trial.variant if self.trial and self.arm == "b" else ""
        return [] if variant == "nothing" else ask(variant != "knowledge")


def part_of(session: Session, basket: uuid.UUID | str) -> Part:
    """Return the part of a basket, by its id, or by that of its sale at a till."""
    unit = measuring.unit_of(basket)
    trial = measuring.running(session)
    return Part(unit, trial, measuring.arm_of(trial, unit))


def note(part: Part, pairs: Sequence[tuple[str, str]], channel: str) -> None:
    """Note what was shown beside a basket, once per SKU; and what of it cannot be had.

    Args:
        part: of the basket.
        pairs: SKU and source (needs, fits or together) in the order shown.
        channel: ``web`` or ``till``.
    """
    with transaction() as session:
        measuring.shown(
            session,
            part.unit,
            pairs,
            trial=part.trial.id if part.trial else None,
            arm=part.arm,
            channel=channel,
            unavailable=suggest.gone(session, [sku for sku, _ in pairs], clock.now()),
        )


def taken(session: Session, basket: uuid.UUID | str, skus: Sequence[str]) -> None:
    """Note that suggestions went into a basket."""
    unit = measuring.unit_of(basket)
    for sku in skus:
        measuring.added(session, unit, sku)
