"""Stock that explains itself: what is where, why it is three, and what it was on Wednesday."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.identity import permissions
from app.web import words
from app.web.backoffice import stock_plot
from app.web.backoffice.room import blueprint
from app.web.backoffice.stock_plot import Plot
from app.web.session import allowed
from catalog import products, search
from catalog.models import Item
from fulfilment.answers import availability, explanations, history
from fulfilment.answers.availability import Availability
from fulfilment.answers.history import AsOf, Holdings
from fulfilment.models import CountTask
from fulfilment.places import displays, locations
from fulfilment.stock import corrections, movements, safety, trust
from fulfilment.stock.balances import Place
from fulfilment.stock.movements import Movement
from kit import clock
from kit.database import reading
from kit.errors import KontorError, NotFound

# A search that finds more articles than this wants a better word.
_MOST = 40
_SHORTEST_GTIN = 8
_SPANS = (30, 90, 365)
_SHOWN = 60
# More locations than this are listed, not explained.
_MOST_EXPLAINED = 12


@blueprint.get("/stock")
@allowed
def stock() -> str:
    """Find an article by name, SKU or GTIN and show what every location has of it."""
    term = request.args.get("sku", "").strip()
    with reading() as session:
        skus = _found(session, term) if term else []
        items = products.items(session, skus)
        held = availability.available(session, skus, clock.now())
        places = locations.by_code(session)
        tasks = list(
            session.scalars(
                select(CountTask).where(CountTask.done_at.is_(None)).order_by(CountTask.opened_at)
            )
        )
        named = products.items(session, {task.sku for task in tasks})
    return render_template(
        "backoffice/stock.html",
        term=term,
        items=[items[sku] for sku in skus if sku in items],
        held=held,
        places=places,
        tasks=tasks,
        named=named,
        own=current_user.location,
        may=_may,
    )


def _may(action: str) -> bool:
    return permissions.may(current_user.role, f"backoffice.{action}")


def _found(session: Session, term: str) -> list[str]:
    try:
        if term.isdigit() and len(term) >= _SHORTEST_GTIN:
            return [products.by_gtin(session, term).sku]
        return [products.item(session, term.upper()).sku]
    except KontorError:
        hits = search.search(session, term, limit=12)
        slugs = [card.slug for card in hits.products]
        query = (
            select(Item.sku).where(Item.product.in_(slugs)).order_by(Item.product, Item.position)
        )
        return list(session.scalars(query.limit(_MOST)))


@blueprint.get("/stock/<sku>")
@allowed
def stock_item(sku: str) -> str:
    """Show the terms that make up an article's stock per location, and its movements."""
    with reading() as session:
        _at_one_moment(session)
        item = products.item(session, sku)
        places = locations.by_code(session)
        held = availability.available(session, [sku])
        chosen = request.args.get("place")
        explained = _explained(places, held)
        return render_template(
            "backoffice/stock_item.html",
            item=item,
            places=places,
            chosen=chosen if chosen in places else None,
            terms={code: explanations.why(session, sku, code) for code in explained},
            others={code: held[code, sku] for code, _ in held if code not in explained},
            movements=movements.movements(session, sku, chosen if chosen in places else None),
        )


def _at_one_moment(session: Session) -> None:
    """Let all queries of a page see the books as they are now: its sums must add up."""
    session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def _explained(places: Iterable[str], held: Mapping[Place, Availability]) -> list[str]:
    """Return the locations to explain: all of a few; of many those that hold most."""
    codes = list(places)
    if len(codes) <= _MOST_EXPLAINED:
        return codes
    most = sorted(held, key=lambda place: -held[place].on_hand)[:_MOST_EXPLAINED]
    kept = {code for code, _ in most}
    return [code for code in codes if code in kept]


@dataclass(frozen=True, slots=True)
class Looked:
    """What was asked of the past: the instant as typed, and the answer or why there is none."""

    typed: str
    seen: AsOf | None = None
    refused: str | None = None

    @property
    def rows(self) -> list[tuple[str, int, int]]:
        """Return (term, said then, known now) with the sum at the end, without terms of nothing."""
        if self.seen is None:
            return []
        said, known = self.seen.said, self.seen.known
        terms = [
            (one.name, getattr(said, one.name), getattr(known, one.name))
            for one in fields(Holdings)
        ]
        kept = [row for row in terms if row[0] == "on_hand" or row[1] or row[2]]
        return [*kept, ("available", said.available, known.available)]


@blueprint.get("/stock/<sku>/<place>")
@allowed
def stock_place(sku: str, place: str) -> str:
    """Show an article at one location: why it is three, what it was, and what can be done."""
    days = request.args.get("days", type=int)
    days = days if days in _SPANS else _SPANS[0]
    with reading() as session:
        _at_one_moment(session)
        item = products.item(session, sku)
        places = locations.by_code(session)
        if place not in places:
            raise NotFound("location", location=place)
        return render_template(
            "backoffice/stock_place.html",
            item=item,
            place=places[place],
            places=places,
            term=explanations.why(session, sku, place, documents=_SHOWN),
            plot=_plot(session, sku, place, days),
            days=days,
            span_tabs=[
                {
                    "label": _("%(days)s Tage", days=span),
                    "href": url_for("backoffice.stock_place", sku=sku, place=place, days=span),
                    "current": span == days,
                }
                for span in _SPANS
            ],
            place_tabs=[
                {
                    "label": row.name,
                    "href": url_for("backoffice.stock_place", sku=sku, place=code),
                    "current": code == place,
                }
                for code, row in places.items()
            ],
            looked=_looked(session, sku, place),
            settings=safety.history(session, sku, place, limit=5),
            shown=displays.at(session, place, sku),
            seen=trust.surprises(session, sku, place, limit=5),
            trust=trust.of_locations(session).get(place, trust.Trust()),
            task=_task(session, sku, place),
            undone_elsewhere=corrections.UNDONE_ELSEWHERE,
            effect=_effect,
            now=clock.now(),
            ours=current_user.location in (None, place),
            may=_may,
        )


def _effect(move: Movement, place: str) -> int:
    """Return what a movement added to on hand at a place; 0 where it only changed its state."""
    held = {"shelf", "quarantine"}
    came = move.to_location == place and move.to_account in held
    went = move.from_location == place and move.from_account in held
    return move.quantity * (came - went)


def _task(session: Session, sku: str, place: str) -> CountTask | None:
    return session.scalar(
        select(CountTask).where(
            CountTask.done_at.is_(None), CountTask.sku == sku, CountTask.location == place
        )
    )


def _plot(session: Session, sku: str, place: str, days: int) -> Plot | None:
    """Draw the last days; None where nothing was there and nothing moved."""
    until = clock.now()
    _, attached = history.attached_since(session)
    since = max(until - timedelta(days=days), attached)
    if since >= until:
        return None
    points = history.steps(session, sku, place, since, until)
    return stock_plot.draw(points, until) if len(points) > 1 or points[0][1] else None


def _looked(session: Session, sku: str, place: str) -> Looked:
    typed = request.args.get("at", "").strip()
    if not typed:
        return Looked(clock.berlin(clock.now()).strftime("%Y-%m-%dT%H:%M"))
    try:
        instant = datetime.fromisoformat(typed)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=clock.BERLIN)
        return Looked(typed, history.as_of(session, sku, place, instant))
    except KontorError as error:
        return Looked(typed, refused=words.of_error(error))
    except (ValueError, OverflowError):
        return Looked(typed, refused=words.of_code("instant"))
