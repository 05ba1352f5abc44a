"""What a replay found out: three sums (then, then at the new prices, replayed) and the orders."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from typing import Any

from fulfilment.places.calendars import local
from fulfilment.routing.decision import Cost, Decision


@dataclass(slots=True)
class Place:
    """What one location sends: units and parcels."""

    units: int = 0
    parcels: int = 0


@dataclass(slots=True)
class Side:
    """The sum of some plans.

    `cost`: cents by component. `split_orders`: orders sent from more than one location.
    `late_days`: days that last arrivals lie after the day from which lateness counted when the
    order was decided. `days`: from decision to last arrival. `unfilled`: units nobody sends.
    """

    cost: Cost = field(default_factory=Cost)
    parcels: int = 0
    split_orders: int = 0
    late_days: int = 0
    days: int = 0
    units: int = 0
    unfilled: int = 0
    places: dict[str, Place] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON, `cost.total_minor` added."""
        plain = asdict(self)
        plain["cost"]["total_minor"] = self.cost.total
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Side":
        """Return the side that `to_json` wrote."""
        cost = {f.name: plain["cost"][f.name] for f in fields(Cost)}
        places = {code: Place(**there) for code, there in plain["places"].items()}
        return cls(**{**plain, "cost": Cost(**cost), "places": places})


@dataclass(frozen=True, slots=True)
class Brief:
    """One order's plan in short. `arrives_on`: the last arrival."""

    locations: tuple[str, ...]
    parcels: int
    arrives_on: date | None
    unfilled: int
    cost_minor: int

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON."""
        day = self.arrives_on
        return {**asdict(self), "arrives_on": day and day.isoformat()}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Brief":
        """Return what `to_json` wrote."""
        day = plain["arrives_on"] and date.fromisoformat(plain["arrives_on"])
        return cls(**{**plain, "locations": tuple(plain["locations"]), "arrives_on": day})


@dataclass(frozen=True, slots=True)
class OrderChange:
    """An order that would have been sent otherwise.

    `repriced_minor`: what the plan of then would cost; None where it is not possible any more.
    """

    order_ref: str
    decided_at: datetime
    then: Brief
    repriced_minor: int | None
    replayed: Brief

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON."""
        return {
            "order_ref": self.order_ref,
            "decided_at": self.decided_at.isoformat(),
            "then": self.then.to_json(),
            "repriced_minor": self.repriced_minor,
            "replayed": self.replayed.to_json(),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "OrderChange":
        """Return what `to_json` wrote."""
        return cls(
            plain["order_ref"],
            datetime.fromisoformat(plain["decided_at"]),
            Brief.from_json(plain["then"]),
            plain["repriced_minor"],
            Brief.from_json(plain["replayed"]),
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What a period would have cost under another setup.

    `then` is what was decided, at the prices of then; `repriced` the same plans under the setup
    asked about; `replayed` what would be decided under it. So `repriced - then` is what prices do
    by themselves, `replayed - repriced` what other plans save. A plan of then that is not possible
    any more (`forced` orders) counts as replayed on both sides.

    `orders`: how many are in the sums, `decisions` of them. `without_question`: decisions left out
    because they were stored before questions were kept. `by_people`: decisions that a person made;
    they stay. `changed`: orders sent otherwise, of which `changes` lists those that change most.
    """

    orders: int
    decisions: int
    without_question: int
    by_people: int
    forced: int
    changed: int
    then: Side
    repriced: Side
    replayed: Side
    changes: tuple[OrderChange, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the sums as plain JSON, without `changes`."""
        return {
            f.name: value.to_json() if isinstance(value, Side) else value
            for f in fields(self)
            if f.name != "changes"
            for value in [getattr(self, f.name)]
        }

    @classmethod
    def from_json(
        cls, plain: Mapping[str, Any], changes: Iterable[Mapping[str, Any]] = ()
    ) -> "Result":
        """Return the result that `to_json` wrote, with the orders kept beside it."""
        sides = {name: Side.from_json(plain[name]) for name in ("then", "repriced", "replayed")}
        return cls(**{**plain, **sides}, changes=tuple(map(OrderChange.from_json, changes)))


def add(
    side: Side, decisions: Iterable[Decision], reference_on: date | None, split_minor: int
) -> Brief:
    """Add an order's standing decisions to a side and return them in short.

    Args:
        side: changed in place.
        decisions: what stands of the order, oldest first.
        reference_on: the day from which its lateness counts.
        split_minor: cents for the first parcel of each later decision. The router charges a
            parcel beyond the first of its own decision only; of the order, this one is one too.
    """
    locations: dict[str, None] = {}
    cost, parcels, unfilled = Cost(), 0, 0
    arrivals: list[date] = []
    ordered_on = None
    for one in decisions:
        ordered_on = ordered_on or local(one.decided_at).date()
        cost = _plus(cost, one.cost)
        if parcels and one.parcels:
            cost = _plus(cost, Cost(split=split_minor))
        unfilled += sum(one.unfilled.values())
        for part in one.assignments:
            locations[part.location] = None
            arrivals.append(part.arrives_on)
            side.places.setdefault(part.location, Place()).units += part.quantity
            side.units += part.quantity
        for parcel in one.parcels:
            parcels += 1
            side.places.setdefault(parcel.location, Place()).parcels += 1
    last = max(arrivals, default=None)
    side.cost = _plus(side.cost, cost)
    side.parcels += parcels
    side.unfilled += unfilled
    side.split_orders += len(locations) > 1
    if last is not None and ordered_on is not None:
        side.days += (last - ordered_on).days
        side.late_days += max(0, (last - reference_on).days) if reference_on else 0
    return Brief(tuple(locations), parcels, last, unfilled, cost.total)


def _plus(one: Cost, other: Cost) -> Cost:
    return Cost(**{f.name: getattr(one, f.name) + getattr(other, f.name) for f in fields(Cost)})
