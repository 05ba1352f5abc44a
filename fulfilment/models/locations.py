"""Where goods are and leave from: warehouses, stores, their calendars, their carriers' prices."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.database import Instant, Json, Prose, Row


class Location(Row):
    """A warehouse or a store.

    `opening_hours` maps the weekday (``"0"`` Monday … ``"6"``) to ``["09:30", "19:00"]`` or null;
    `cut_off` is the local time until which a parcel leaves the same day, with `capacity_per_day`
    parcels at most; the handling costs are minor units per order line and per unit.
    """

    __tablename__ = "locations"
    __table_args__ = (
        CheckConstraint("kind IN ('warehouse', 'store')", name="kind"),
        CheckConstraint("capacity_per_day >= 0", name="capacity"),
    )

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[Prose]
    street: Mapped[Prose]
    postal_code: Mapped[str] = mapped_column(String(10))
    city: Mapped[Prose]
    state: Mapped[str] = mapped_column(String(2))
    phone: Mapped[str] = mapped_column(String(20))
    email: Mapped[Prose]
    contact: Mapped[Prose]
    latitude: Mapped[float]
    longitude: Mapped[float]
    opening_hours: Mapped[Json]
    cut_off: Mapped[str] = mapped_column(String(5))
    capacity_per_day: Mapped[int]
    handling_line_minor: Mapped[int]
    handling_unit_minor: Mapped[int]
    groups: Mapped[list[Any]]
    tariffs: Mapped[list[Any]]
    position: Mapped[int] = mapped_column(default=0)


class ClosedDay(Row):
    """A day on which a location neither sells nor ships, beside its state's public holidays."""

    __tablename__ = "closed_days"

    location: Mapped[str] = mapped_column(ForeignKey("locations.code"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    reason: Mapped[Prose]


class Display(Row):
    """An article that a location has on display: to be looked at, not counted as stock."""

    __tablename__ = "displays"
    __table_args__ = (Index("ix_displays_sku", "sku"),)

    location: Mapped[str] = mapped_column(ForeignKey("locations.code"), primary_key=True)
    sku: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[Instant]
    actor: Mapped[Prose]


class Tariff(Row):
    """What one parcel costs with a carrier's service.

    `zones` is a list of ``[up to km, transit in delivery days, surcharge in minor units]``;
    `groups` maps a shipping group to
    ``{"steps": [grams …], "minor": [price …], "max_parcels": n}``.
    """

    __tablename__ = "tariffs"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[Prose]
    carrier: Mapped[Prose]
    carrier_days: Mapped[list[Any]]
    zones: Mapped[list[Any]]
    groups: Mapped[Json]
