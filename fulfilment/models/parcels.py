"""From plan to door: the stored decision, fulfilment orders, parcels and their hand-over."""

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, Sequence, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Json, Key, Prose, Row
from kit.states import States

# Serial numbers of parcels, for their SSCC. Gaps do no harm, a number used twice would.
PARCEL_SERIALS = Sequence("parcel_serials", metadata=Row.metadata)

FULFILMENT_ORDER_STATES = States(
    "fulfilment_order",
    {
        "open": {"picking", "cancelled"},
        "picking": {"open", "picked", "cancelled"},
        "picked": {"packed", "cancelled"},
        # Back to packing: a recall has goods taken out of a sealed parcel.
        "packed": {"handed_over", "picked"},
    },
)


class RoutingDecision(Row):
    """What the router chose for an order, why, and which plans lost."""

    __tablename__ = "routing_decisions"
    __table_args__ = (
        Index("ix_routing_decisions_order_ref", "order_ref"),
        Index("ix_routing_decisions_decided_at", "decided_at", "id"),
    )

    id: Mapped[Key]
    order_ref: Mapped[str] = mapped_column(String(32))
    cause: Mapped[str] = mapped_column(String(32))
    decided_at: Mapped[Instant]
    cost_minor: Mapped[int]
    proved: Mapped[bool]
    decision: Mapped[Json]
    # What it was asked with (`fulfilment.routing.given`); older decisions lack it.
    given: Mapped[Json | None] = mapped_column(deferred=True)


class FulfilmentOrder(Row):
    """The part of an order that one location sends. Its lines are its allocations.

    One of kind ``collect`` is laid out and handed to the customer there, by `due_at`.
    """

    __tablename__ = "fulfilment_orders"
    __table_args__ = (
        CheckConstraint(
            "state IN ('open', 'picking', 'picked', 'packed', 'handed_over', 'cancelled')",
            name="state",
        ),
        CheckConstraint("kind IN ('parcel', 'collect')", name="kind"),
        Index("ix_fulfilment_orders_location_state", "location", "state"),
        Index("ix_fulfilment_orders_order_ref", "order_ref"),
        Index(
            "ix_fulfilment_orders_due",
            "due_at",
            postgresql_where=text("state IN ('open', 'picking', 'picked', 'packed')"),
        ),
        Index(
            "ix_fulfilment_orders_wave_id",
            "wave_id",
            postgresql_where=text("wave_id IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    order_ref: Mapped[str] = mapped_column(String(32))
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    kind: Mapped[str] = mapped_column(String(8), default="parcel")
    state: Mapped[str] = mapped_column(String(16), default="open")
    tariff: Mapped[str] = mapped_column(String(32))
    address: Mapped[Json]
    opened_at: Mapped[Instant]
    due_at: Mapped[Instant]
    ships_on: Mapped[date]
    arrives_on: Mapped[date]
    picker: Mapped[Prose | None]
    picking_at: Mapped[Instant | None]
    picked_at: Mapped[Instant | None]
    packed_at: Mapped[Instant | None]
    # Picked together with others, into this tote.
    wave_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("waves.id"))
    tote: Mapped[str | None] = mapped_column(String(32))
    # Of one that is fetched: where it lies, and the code that its customer names.
    shelf_place: Mapped[str | None] = mapped_column(String(32))
    pickup_code: Mapped[str | None] = mapped_column(String(8))
    # When somebody was told that nobody has taken it in time.
    escalated_at: Mapped[Instant | None]


class Shipment(Row):
    """One hand-over of one or more parcels of a fulfilment order to a carrier."""

    __tablename__ = "shipments"
    __table_args__ = (
        Index("ix_shipments_order_ref", "order_ref"),
        Index("ix_shipments_manifest", "manifest", postgresql_where=text("manifest IS NOT NULL")),
    )

    id: Mapped[Key]
    order_ref: Mapped[str] = mapped_column(String(32))
    fulfilment_order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("fulfilment_orders.id"))
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    carrier: Mapped[Prose]
    handed_over_at: Mapped[Instant]
    handed_over_by: Mapped[Prose]
    manifest: Mapped[str | None] = mapped_column(ForeignKey("manifests.number"))


class Parcel(Row):
    """A box: holds what was scanned into it, from when it is sealed until it is delivered."""

    __tablename__ = "parcels"
    __table_args__ = (
        CheckConstraint("weight_grams >= 0", name="weight"),
        Index("ix_parcels_order_ref", "order_ref"),
        Index("ix_parcels_fulfilment_order_id", "fulfilment_order_id"),
        Index(
            "ix_parcels_tracking_code",
            "tracking_code",
            postgresql_where=text("tracking_code IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    order_ref: Mapped[str] = mapped_column(String(32))
    fulfilment_order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("fulfilment_orders.id"))
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    sscc: Mapped[str] = mapped_column(String(18), unique=True)
    weight_grams: Mapped[int]
    sealed_at: Mapped[Instant]
    arrives_on: Mapped[date]
    shipment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("shipments.id"))
    tracking_code: Mapped[str | None] = mapped_column(String(64))
    delivered_at: Mapped[Instant | None]
    box: Mapped[str | None] = mapped_column(ForeignKey("boxes.code"))


class ParcelLine(Row):
    """Units of an order line in a parcel."""

    __tablename__ = "parcel_lines"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    parcel_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("parcels.id"), primary_key=True)
    line_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[int]


class ParcelInsert(Row):
    """Something in a parcel that nobody ordered: a QR card, at most one of a campaign per order."""

    __tablename__ = "parcel_inserts"
    __table_args__ = (UniqueConstraint("order_ref", "campaign"),)

    id: Mapped[Key]
    order_ref: Mapped[str] = mapped_column(String(32))
    campaign: Mapped[str] = mapped_column(String(64))
    parcel_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("parcels.id"))
    token: Mapped[str] = mapped_column(String(64), unique=True)
    added_at: Mapped[Instant]
    # When its page was looked at for the first time.
    opened_at: Mapped[Instant | None]
