"""Stock that explains itself: what is where, and why it is three."""

from flask import render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.web.backoffice.room import blueprint
from app.web.session import allowed
from catalog import products, search
from catalog.models import Item
from fulfilment import availability, explanations, locations, movements
from fulfilment.models import CountTask
from kit import clock
from kit.database import reading
from kit.errors import KontorError

# A search that finds more articles than this wants a better word.
_MOST = 40
_SHORTEST_GTIN = 8


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
    )


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
        item = products.item(session, sku)
        places = locations.by_code(session)
        chosen = request.args.get("place")
        return render_template(
            "backoffice/stock_item.html",
            item=item,
            places=places,
            chosen=chosen if chosen in places else None,
            terms={code: explanations.why(session, sku, code) for code in places},
            movements=movements.movements(session, sku, chosen if chosen in places else None),
        )
