"""Plans that a person chose instead of the router's."""

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Json, Prose, Row, Serial, ledger


@ledger
class RoutingOverride(Row):
    """A person moved an order's goods to other locations: who, when, why, against which advice.

    `decision_id` is the plan that was carried out. `router` is what the router would have done at
    that moment, as stored JSON of a decision; `dearer_minor` what the person's plan costs more than
    that (below 0: less than what the router is allowed to see). `kind` says what they picked:
    a ready plan, single lines by hand, or the router's plan again.
    """

    __tablename__ = "routing_overrides"
    __table_args__ = (
        CheckConstraint("kind IN ('plan', 'hand', 'router')", name="kind"),
        CheckConstraint("reason <> ''", name="reason"),
        Index("ix_routing_overrides_order_ref", "order_ref"),
    )

    id: Mapped[Serial]
    order_ref: Mapped[str] = mapped_column(String(32))
    decision_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("routing_decisions.id"), unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    reason: Mapped[Prose]
    actor: Mapped[Prose]
    dearer_minor: Mapped[int]
    router: Mapped[Json]
    overridden_at: Mapped[Instant]
