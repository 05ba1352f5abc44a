"""Goods: found, typed in, changed field by field; prices with their history; needs and fits."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.i18n import current_language
from app.identity import permissions
from app.web import words
from app.web.backoffice.articles import shown
from app.web.backoffice.attempts import attempt
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from catalog import categories, checks, documents, editing, pricing, publishing, release
from catalog.imports import kinds
from catalog.models import Item, ItemLink, Price, Product
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, KontorError, NotFound

_PAGE = 50
STATES = {
    "draft": _l("Entwurf"),
    "published": _l("im Verkauf"),
    "withdrawn": _l("nicht im Verkauf"),
}
MAKER = ("name", "address", "email", "url", "country", "eu_name", "eu_address", "eu_email")
_TEXTS = (
    "category", "family", "name_de", "name_en", "text_de", "text_en", "brand", "safety_de",
    "safety_en", "no_warning", "eco_proof", "keywords",
)  # fmt: skip
_OPTIONAL = ("type_number", "series", "weee_number", "battery_number")


@blueprint.get("/goods")
@allowed
def goods() -> str:
    """List goods by name, SKU, GTIN or type number; by state."""
    term, state = request.args.get("q", "").strip()[:100], request.args.get("state", "")
    page = request.args.get("page", "1")
    number = int(page) if page.isdigit() and len(page) < len("10000") else 1
    with reading() as session:
        query = _matching(term, state)
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        rows = session.scalars(
            query.order_by(Product.name_de, Product.slug)
            .limit(_PAGE)
            .offset(_PAGE * (max(number, 1) - 1))
        ).all()
        return render_template(
            "backoffice/goods.html",
            rows=[(row, _items(session, row.slug)) for row in rows],
            shelves=_shelves(session),
            total=total,
            page=max(number, 1),
            pages=max(1, -(-total // _PAGE)),
            term=term,
            state=state,
            states=STATES,
            may_edit=_may_edit(),
        )


def _matching(term: str, state: str) -> Any:
    query = select(Product)
    if state in STATES:
        query = query.where(Product.state == state)
    if term:
        ids = select(Item.product).where(
            or_(Item.sku.ilike(f"{_escaped(term)}%"), Item.gtin == term.zfill(14))
        )
        query = query.where(
            or_(
                Product.name_de.icontains(term, autoescape=True),
                Product.name_en.icontains(term, autoescape=True),
                Product.type_number.icontains(term, autoescape=True),
                Product.slug == term.lower(),
                Product.slug.in_(ids),
            )
        )
    return query


def _escaped(term: str) -> str:
    return term.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _shelves(session: Session) -> dict[str, str]:
    """Return what each shelf is called in the reader's language."""
    language = current_language()
    return {slug: shelf.name(language) for slug, shelf in categories.tree(session).all.items()}


def _items(session: Session, slug: str) -> list[Item]:
    query = select(Item).where(Item.product == slug).order_by(Item.position, Item.sku)
    return list(session.scalars(query))


def _may_edit() -> bool:
    return permissions.may(current_user.role, "backoffice.goods_save")


@blueprint.get("/goods/new")
@allowed
def goods_new() -> str:
    """Show an empty form for an article; it begins as a draft."""
    return _form({}, None)


@blueprint.get("/goods/<slug>")
@allowed
def goods_one(slug: str) -> str:
    """Show an article: its texts, items with prices, documents, what it needs and fits."""
    with reading() as session:
        row = editing.one(session, slug)
        typed = {name: getattr(row, name) or "" for name in (*_TEXTS, *_OPTIONAL)}
        typed |= {f"maker_{name}": row.maker.get(name, "") for name in MAKER}
        typed |= {"age_min": row.age_min, "electrical": row.electrical, "batteries": row.batteries}
    return _form(typed, slug)


def _form(typed: dict[str, Any], slug: str | None, *, error: str = "") -> str:
    with reading() as session:
        more = _about(session, slug) if slug else {}
        return render_template(
            "backoffice/goods_one.html",
            slug=slug,
            typed=typed,
            error=error,
            shelves=sorted(_shelves(session).items(), key=lambda shelf: shelf[1]),
            maker_fields=MAKER,
            groups=list(checks.SHIPPING_GROUPS),
            kinds=publishing.DOCUMENT_KINDS,
            states=STATES,
            may_edit=_may_edit(),
            now=clock.now(),
            **more,
        )


def _about(session: Session, slug: str) -> dict[str, Any]:
    items = _items(session, slug)
    skus = [item.sku for item in items]
    links = select(ItemLink).where(or_(ItemLink.source.in_(skus), ItemLink.target.in_(skus)))
    return {
        "product": editing.one(session, slug),
        "standing": shown(release.standing(session, slug)),
        "items": items,
        "sku_options": [(sku, sku) for sku in skus],
        "prices": {sku: pricing.history(session, sku) for sku in skus},
        "current": {sku: _in_force(session, sku) for sku in skus},
        "links": session.scalars(links.order_by(ItemLink.source, ItemLink.rank)).all(),
        "papers": documents.for_product(session, slug),
    }


def _in_force(session: Session, sku: str) -> int | None:
    query = select(Price.amount_minor).where(Price.sku == sku, Price.valid_from <= clock.now())
    return session.scalar(query.order_by(Price.valid_from.desc()).limit(1))


@blueprint.post("/goods")
@allowed
def goods_save() -> Any:
    """Keep what was typed about an article; a new one is a draft."""
    form = request.form
    slug, known = form.get("slug", "").strip(), form.get("known") == "1"
    try:
        with transaction() as session:
            if known:
                editing.one(session, slug)
            elif session.get(Product, slug) is not None:
                raise Invalid("slug_taken", slug=slug)
            editing.change_product(session, slug, _fields(session, slug))
    except NotFound:
        raise
    except KontorError as error:
        typed = {
            **form.to_dict(),
            "electrical": "electrical" in form,
            "batteries": "batteries" in form,
        }
        return _form(
            typed, slug if known else None, error=words.of_error(error) + _which(error)
        ), 422
    flash(_("Gespeichert."), "ok")
    return redirect(url_for("backoffice.goods_one", slug=slug), 303)


def _which(error: KontorError) -> str:
    """Name the field or the gaps that an error is about."""
    facts = error.facts
    about = facts.get("field") or facts.get("attribute") or facts.get("gaps")
    if isinstance(about, list):
        about = ", ".join(str(one) for one in about)
    return f" ({about})" if about else ""


def _fields(session: Session, slug: str) -> dict[str, Any]:
    form = request.form
    row = session.get(Product, slug)
    maker = {name: form.get(f"maker_{name}", "").strip() for name in MAKER}
    known = row.maker if row else {}
    others = {name: value for name, value in known.items() if name not in MAKER}
    age = form.get("age_min", "0").strip() or "0"
    if not (age.isascii() and age.isdigit()):
        raise Invalid("age_min")
    return {
        **{name: form.get(name, "").strip() for name in _TEXTS},
        **{name: form.get(name, "").strip() or None for name in _OPTIONAL},
        "maker": {**others, **{name: text for name, text in maker.items() if text}},
        "age_min": int(age),
        "electrical": form.get("electrical") == "1",
        "batteries": form.get("batteries") == "1",
    }


@blueprint.post("/goods/<slug>/items")
@allowed
def goods_item(slug: str) -> Response:
    """Add or change an item of an article."""
    form = request.form
    cells = {name: form.get(name, "").strip() for name in kinds.KINDS["goods"].columns}

    def write(session: Session) -> None:
        sku = cells["sku"]
        known = session.get(Item, sku)
        if known is not None and known.product != slug:
            raise Invalid("sku_taken", sku=sku)
        fields = kinds.item_fields({name: text or "-" for name, text in cells.items()})
        # A product's texts and limits are its own form's.
        fields["sellable"] = form.get("sellable") == "1"
        editing.change_item(session, sku, {**fields, "product": slug})

    return _kept(slug, "items", write, _("Gespeichert."))


def _kept(slug: str, section: str, write: Callable[[Session], None], said: str) -> Response:
    """Change something about an article that there is, and show its section again."""
    with reading() as session:
        editing.one(session, slug)
    attempt(write, said, in_words=lambda error: words.of_error(error) + _which(error))
    return redirect(url_for("backoffice.goods_one", slug=slug, _anchor=section), 303)


@blueprint.post("/goods/<slug>/prices")
@allowed
def goods_price(slug: str) -> Response:
    """Add a price, from now on or from a day; the history stays."""
    form = request.form

    def write(session: Session) -> None:
        sku, now = form.get("sku", ""), clock.now()
        item = session.get(Item, sku)
        if item is None or item.product != slug:
            raise Invalid("item")
        begins = kinds.instant(form.get("valid_from", "").strip(), now)
        if begins < now:
            raise Invalid("price_past")
        amount = kinds.cents(form.get("price", ""))
        pricing.set_price(session, sku, amount, begins, reduced=form.get("reduced") == "1")

    return _kept(slug, "prices", write, _("Der Preis gilt ab dann überall: Shop, Kasse, Telefon."))


@blueprint.post("/goods/<slug>/links")
@allowed
def goods_link(slug: str) -> Response:
    """Say what an item needs or fits, and why."""
    form = request.form

    def write(session: Session) -> None:
        publishing.put_link(
            session,
            form.get("kind", ""),
            form.get("target", "").strip(),
            source=form.get("source", "").strip(),
            reason_de=form.get("reason_de", "").strip(),
            reason_en=form.get("reason_en", "").strip(),
        )

    return _kept(slug, "links", write, _("Gespeichert."))


@blueprint.post("/goods/<slug>/links/<uuid:link_id>/removal")
@allowed
def goods_link_remove(slug: str, link_id: uuid.UUID) -> Response:
    """Take a link away."""
    with transaction() as session:
        editing.one(session, slug)
        row = session.get(ItemLink, link_id)
        if row is None:
            raise NotFound("link")
        session.delete(row)
    flash(_("Entfernt."), "ok")
    return redirect(url_for("backoffice.goods_one", slug=slug, _anchor="links"), 303)
