"""Why an order goes as it goes: each decision of the router as a story, and the plans that lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import render_template
from flask_login import current_user
from sqlalchemy.orm import Session

from app.identity import permissions
from app.messages import reasons, verdicts
from app.sales import orders as sales_orders
from app.sales.models import Order, OrderLine
from app.web.backoffice import route_map
from app.web.backoffice.room import blueprint
from app.web.backoffice.route_map import RouteMap
from app.web.session import allowed
from app.workflows import override
from app.workflows.override import Overridden
from fulfilment.models import Location, RoutingDecision
from fulfilment.places import geography, locations
from fulfilment.routing import snapshot
from fulfilment.routing.decision import Alternative, Cost, Decision
from kit.database import reading

Places = Mapping[str, Location]


@dataclass(frozen=True, slots=True)
class Segment:
    """A component of a cost as a piece of a bar; place and width in per cent of the longest bar."""

    name: str
    words: str
    amount_minor: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class PlanBar:
    """A plan beside its rivals: who sends, what it costs (goods left out not counted), the rest."""

    locations: tuple[str, ...]
    total_minor: int
    segments: list[Segment]
    parcels: int
    arrives_on: date | None
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Leg:
    """What one location sends to the customer."""

    location: str
    goods: list[tuple[int, str]]
    parcels: int
    weight_grams: int
    cost_minor: int
    ships_on: date
    arrives_on: date
    distance_km: int | None


@dataclass(frozen=True, slots=True)
class Story:
    """One decision as the page tells it."""

    row: RoutingDecision
    decision: Decision
    sentences: Sequence[str]
    unfilled: Sequence[str]
    certainty: tuple[str, str]
    legs: list[Leg]
    map: RouteMap | None
    bars: list[PlanBar]
    key: list[verdicts.Part]
    standings: list[verdicts.Standing]
    distances: Mapping[str, int]
    overridden: Overridden | None


@blueprint.get("/orders/<ref>/decisions")
@allowed
def order_decisions(ref: str) -> str:
    """Show every decision about an order, the newest first."""
    with reading() as session:
        order = sales_orders.by_ref(session, ref)
        lines = sales_orders.lines_of(session, order)
        places = locations.by_code(session)
        by_hand = override.of_order(session, ref)
        stories = [
            story(session, order, lines, places, row, by_hand.get(row.id))
            for row in reversed(snapshot.history(session, ref))
        ]
        may = permissions.may(current_user.role, "backoffice.order_override")
        return render_template(
            "backoffice/decisions.html",
            order=order,
            places=places,
            stories=stories,
            may_override=may and override.movable(session, order),
        )


def titles_of(lines: Sequence[OrderLine]) -> dict[str, str]:
    """Return what to call a line, by its keys: the first decision knows a line by its SKU."""
    return {str(line.id): line.title for line in lines} | {line.sku: line.title for line in lines}


def story(
    session: Session,
    order: Order,
    lines: Sequence[OrderLine],
    places: Places,
    row: RoutingDecision,
    by_hand: Overridden | None = None,
) -> Story:
    """Return a stored decision as the page tells it."""
    decision = Decision.from_json(row.decision)
    titles = titles_of(lines)
    names = {code: place.name for code, place in places.items()}
    told = reasons.parts(decision, names, titles)
    standings = verdicts.standings(decision, titles)
    home = geography.locate(order.address.get("postal_code") or "")
    distances = _distances(home, places, [one.location for one in standings])
    shown = bars(decision, by_hand)
    return Story(
        row=row,
        decision=decision,
        sentences=told.plan,
        unfilled=told.unfilled,
        certainty=verdicts.certainty(decision),
        legs=legs_of(decision, titles, distances),
        map=_map(order, home, places, standings),
        bars=shown,
        key=_key(decision, shown),
        standings=standings,
        distances=distances,
        overridden=by_hand,
    )


def _distances(
    home: geography.Place | None, places: Places, codes: Sequence[str]
) -> dict[str, int]:
    if home is None:
        return {}
    return {
        code: round(
            geography.distance_km(
                places[code].latitude, places[code].longitude, home.latitude, home.longitude
            )
        )
        for code in codes
        if code in places
    }


def _map(
    order: Order,
    home: geography.Place | None,
    places: Places,
    standings: Sequence[verdicts.Standing],
) -> RouteMap | None:
    if home is None:
        return None
    spots = [
        (place.name, place.latitude, place.longitude, one.state)
        for one in standings
        if (place := places.get(one.location))
    ]
    city = order.address.get("city") or home.name
    return route_map.draw((home.latitude, home.longitude), city, spots)


def legs_of(
    decision: Decision, titles: Mapping[str, str], distances: Mapping[str, int]
) -> list[Leg]:
    """Return what each location of a plan sends, with its parcels."""
    legs = []
    for code in decision.locations:
        parts = [part for part in decision.assignments if part.location == code]
        parcels = [parcel for parcel in decision.parcels if parcel.location == code]
        goods: dict[str, int] = {}
        for part in parts:
            name = titles.get(part.key, part.sku)
            goods[name] = goods.get(name, 0) + part.quantity
        legs.append(
            Leg(
                location=code,
                goods=[(units, name) for name, units in goods.items()],
                parcels=len(parcels),
                weight_grams=sum(parcel.weight_grams for parcel in parcels),
                cost_minor=sum(parcel.cost_minor for parcel in parcels),
                ships_on=max(part.ships_on for part in parts),
                arrives_on=max(part.arrives_on for part in parts),
                distance_km=distances.get(code),
            )
        )
    return legs


def bars(decision: Decision, by_hand: Overridden | None = None) -> list[PlanBar]:
    """Return the chosen plan and those that lost as bars of one scale.

    Beside a plan that a person chose stands what the router would have done.
    """
    costs = [decision.cost, *(one.cost for one in decision.alternatives)]
    if by_hand is not None:
        costs.append(by_hand.router.cost)
    longest = max(cost.total - cost.short for cost in costs) or 1
    rivals = [_rival(one, decision, longest) for one in decision.alternatives]
    if by_hand is not None and by_hand.router.locations != decision.locations:
        rivals.insert(0, plan_bar(by_hand.router, longest, compared(by_hand.router, decision)))
    return [plan_bar(decision, longest, chosen=True), *rivals]


def _key(decision: Decision, shown: Sequence[PlanBar]) -> list[verdicts.Part]:
    """Return what the tones of the bars stand for, with the amounts of the chosen plan."""
    used = {segment.name for bar in shown for segment in bar.segments}
    names = [name for name in verdicts.COMPONENTS if name in used]
    return [
        verdicts.Part(name, verdicts.component(name), getattr(decision.cost, name))
        for name in names
    ]


def compared(plan: Decision, other: Decision) -> str:
    """Return how a plan differs from another one: money, day, what is missing."""
    ends, theirs = plan.arrives_on, other.arrives_on
    return verdicts.difference_of(
        plan.cost.total - plan.cost.short - other.cost.total + other.cost.short,
        (ends - theirs).days if ends and theirs else 0,
        sum(plan.unfilled.values()) - sum(other.unfilled.values()),
    )


def plan_bar(
    plan: Decision, longest_minor: int, words: str = "", *, chosen: bool = False
) -> PlanBar:
    """Return a whole plan as a bar; `longest_minor` is the scale."""
    return PlanBar(
        locations=plan.locations,
        total_minor=plan.cost.total - plan.cost.short,
        segments=segments(plan.cost, longest_minor),
        parcels=len(plan.parcels),
        arrives_on=plan.arrives_on,
        words=words,
        chosen=chosen,
    )


def _rival(rival: Alternative, decision: Decision, longest: int) -> PlanBar:
    return PlanBar(
        locations=rival.locations,
        total_minor=rival.cost.total - rival.cost.short,
        segments=segments(rival.cost, longest),
        parcels=rival.parcels,
        arrives_on=rival.arrives_on,
        words=verdicts.difference(rival, decision),
        chosen=False,
    )


def segments(cost: Cost, longest_minor: int) -> list[Segment]:
    """Return a cost as pieces of a bar. What goods left out would cost is no bar: it is said."""
    found, start = [], 0.0
    for name, words, amount in verdicts.costs(cost):
        if name == "short" or amount < 0:
            continue
        width = 100 * amount / max(longest_minor, 1)
        found.append(Segment(name, words, amount, round(start, 2), round(width, 2)))
        start += width
    return found
