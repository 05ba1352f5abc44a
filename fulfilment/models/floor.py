"""What the floor works with: waves, shelf places, boxes, labels, manifests, tracking, pickups."""

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Json, Key, Prose, Row, Serial, ledger
from kit.states import States

WAVE_STATES = States("wave", {"open": {"done"}})
LABEL_SOURCES = ("carrier", "own", "hand")
TRACKING = ("announced", "in_transit", "out_for_delivery", "delivered", "failed", "returned")


class Wave(Row):
    """Several fulfilment orders that one person picks in one walk, each into its own tote."""

    __tablename__ = "waves"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'done')", name="state"),
        CheckConstraint("(state = 'done') = (ended_at IS NOT NULL)", name="ended"),
        Index("ix_waves_open", "location", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[Key]
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    picker: Mapped[Prose]
    state: Mapped[str] = mapped_column(String(8), default="open")
    opened_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]


class ShelfPlace(Row):
    """Where a SKU lies at a location; the places in their order are the way through the shelves."""

    __tablename__ = "shelf_places"

    location: Mapped[str] = mapped_column(ForeignKey("locations.code"), primary_key=True)
    sku: Mapped[str] = mapped_column(String(64), primary_key=True)
    place: Mapped[str] = mapped_column(String(32))


class Box(Row):
    """A carton to pack into: inner measures, its own weight, and what it carries."""

    __tablename__ = "boxes"
    __table_args__ = (
        CheckConstraint("length_mm > 0 AND width_mm > 0 AND height_mm > 0", name="measures"),
        CheckConstraint("tare_grams >= 0 AND most_grams > 0", name="weights"),
    )

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name_de: Mapped[Prose]
    name_en: Mapped[Prose]
    length_mm: Mapped[int]
    width_mm: Mapped[int]
    height_mm: Mapped[int]
    tare_grams: Mapped[int]
    most_grams: Mapped[int]
    # Not bought any more: it is not suggested, and parcels of before still name it.
    retired_at: Mapped[Instant | None]


class FloorStep(Row):
    """A step that a phone has reported, with what came of it: the same key again does nothing."""

    __tablename__ = "floor_steps"
    __table_args__ = (Index("ix_floor_steps_done_at", "done_at"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    fulfilment_order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("fulfilment_orders.id"))
    what: Mapped[str] = mapped_column(String(16))
    answer: Mapped[Json]
    actor: Mapped[Prose]
    done_at: Mapped[Instant]


class ParcelLabel(Row):
    """What stands on a parcel for the carrier: its own label, ours, or one written by hand.

    Where the carrier was asked and gave none, `problem` says why, and ours is stuck on.
    """

    __tablename__ = "parcel_labels"
    __table_args__ = (CheckConstraint("source IN ('carrier', 'own', 'hand')", name="source"),)

    parcel_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("parcels.id"), primary_key=True)
    source: Mapped[str] = mapped_column(String(8))
    carrier: Mapped[Prose]
    number: Mapped[str | None] = mapped_column(String(64))
    pdf: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    problem: Mapped[Prose | None]
    made_at: Mapped[Instant]
    made_by: Mapped[Prose]


@ledger
class ParcelEvent(Row):
    """What a carrier, or somebody who asked there, says of a parcel on its way."""

    __tablename__ = "parcel_events"
    __table_args__ = (
        CheckConstraint(
            "what IN ('announced', 'in_transit', 'out_for_delivery', 'delivered', 'failed',"
            " 'returned')",
            name="what",
        ),
        Index("ix_parcel_events_parcel_id", "parcel_id", "at"),
    )

    id: Mapped[Serial]
    parcel_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("parcels.id"))
    what: Mapped[str] = mapped_column(String(16))
    at: Mapped[Instant]
    place: Mapped[Prose]
    note: Mapped[Prose]
    source: Mapped[Prose]
    key: Mapped[str] = mapped_column(String(128), unique=True)
    booked_at: Mapped[Instant]


class Manifest(Row):
    """The list with which a carrier's driver takes the parcels of a location."""

    __tablename__ = "manifests"
    __table_args__ = (Index("ix_manifests_location_handed_at", "location", "handed_at"),)

    number: Mapped[str] = mapped_column(String(32), primary_key=True)
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    carrier: Mapped[Prose]
    driver: Mapped[Prose]
    parcels: Mapped[int]
    weight_grams: Mapped[int]
    handed_at: Mapped[Instant]
    handed_by: Mapped[Prose]


class Pickup(Row):
    """How goods were given to their customer in a store: by which proof, to whom, signed how.

    `signature` holds the strokes on the glass as an SVG path. `age_checked`: somebody has looked
    whether the customer is old enough; None where the goods ask for no age.
    """

    __tablename__ = "pickups"
    __table_args__ = (CheckConstraint("proof IN ('code', 'identity')", name="proof"),)

    shipment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shipments.id"), primary_key=True)
    proof: Mapped[str] = mapped_column(String(8))
    taken_by: Mapped[Prose]
    signature: Mapped[Prose | None]
    age_checked: Mapped[bool | None]
    at: Mapped[Instant]
    actor: Mapped[Prose]
