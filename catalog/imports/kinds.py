"""What can be imported: per kind its columns, and what a line of it does to the catalog.

An empty cell, or a column that the file lacks, leaves things as they are; ``-`` empties them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import editing, pricing, publishing
from catalog.models import Item, ItemLink, Price, Product
from kit import clock
from kit.errors import Invalid, NotFound

EMPTY = "-"
_YES, _NO = {"1", "ja", "yes", "true", "x"}, {"0", "nein", "no", "false"}
_PRODUCT_TEXTS = (
    "category", "family", "name_de", "name_en", "text_de", "text_en", "brand", "type_number",
    "safety_de", "safety_en", "series", "weee_number", "battery_number", "no_warning", "eco_proof",
)  # fmt: skip
_PRODUCT_NONE = {"type_number", "series", "weee_number", "battery_number"}
_MAKER = ("name", "address", "email", "url", "country", "eu_name", "eu_address", "eu_email")
_ITEM_TEXTS = ("gtin", "variant_de", "variant_en", "content_unit", "picture")
_ITEM_NONE = {"gtin", "content_unit", "picture"}
_ITEM_NUMBERS = ("weight_grams", "content_quantity", "length_mm", "width_mm", "height_mm")
_MOST_DIGITS = 9

Cells = Mapping[str, str]


@dataclass(frozen=True)
class Done:
    """What a line did: ``new``, ``changed`` or ``same``, to what, and field by field."""

    outcome: str
    key: str
    fields: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Kind:
    """A kind of import: columns that must be there, all columns, what a line does."""

    name: str
    required: tuple[str, ...]
    columns: tuple[str, ...]
    apply: Callable[[Session, Cells, datetime], Done]
    rows: Callable[[Session], list[tuple[Any, ...]]]


def _goods(session: Session, cells: Cells, _at: datetime) -> Done:
    sku = _needed(cells, "sku")
    known = session.get(Item, sku)
    slug = cells.get("product") or (known.product if known else "")
    if not slug:
        raise Invalid("field_missing", of=sku, field="product")
    product = _product_fields(session, slug, cells)
    before = session.get(Product, slug)
    changes = editing.change_product(session, slug, product) if product or not before else {}
    item = item_fields(cells)
    if cells.get("product") or known is None:
        item["product"] = slug
    changes = {**changes, **editing.change_item(session, sku, item)}
    outcome = "new" if known is None else "changed" if changes else "same"
    return Done(outcome, sku, changes)


def _product_fields(session: Session, slug: str, cells: Cells) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: _emptied(cells[name], None if name in _PRODUCT_NONE else "")
        for name in _PRODUCT_TEXTS
        if cells.get(name)
    }
    if cells.get("age_min"):
        found["age_min"] = _number(cells, "age_min")
    for name in ("electrical", "batteries"):
        if cells.get(name):
            found[name] = _flag(cells, name)
    maker = {name: cells[f"maker_{name}"] for name in _MAKER if cells.get(f"maker_{name}")}
    if maker:
        row = session.get(Product, slug)
        found["maker"] = {**(row.maker if row else {}), **maker}
    elif session.get(Product, slug) is None:
        found["maker"] = {}
    return found


def item_fields(cells: Cells) -> dict[str, Any]:
    """Return what cells say of an item; ``-`` empties a field.

    Raises:
        Invalid: ``number`` or ``flag`` with the field.
    """
    found: dict[str, Any] = {
        name: _emptied(cells[name], None if name in _ITEM_NONE else "")
        for name in _ITEM_TEXTS
        if cells.get(name)
    }
    for name in _ITEM_NUMBERS:
        if cells.get(name):
            found[name] = None if cells[name] == EMPTY else _number(cells, name)
    if cells.get("vat_percent"):
        found["vat_basis_points"] = _number(cells, "vat_percent") * 100
    if cells.get("shipping_group"):
        found["shipping_group"] = cells["shipping_group"]
    if cells.get("sellable"):
        found["sellable"] = _flag(cells, "sellable")
    return found


def _prices(session: Session, cells: Cells, at: datetime) -> Done:
    sku = _needed(cells, "sku")
    amount = cents(_needed(cells, "price"))
    begins = instant(cells.get("valid_from", ""), at)
    reduced = _flag(cells, "reduced") if cells.get("reduced") else False
    if session.get(Item, sku) is None:
        raise NotFound("item", sku=sku)
    if begins < at and not _nothing_yet(session, sku):
        raise Invalid("price_past", sku=sku)
    query = select(Price).where(Price.sku == sku, Price.valid_from <= begins)
    last = session.scalars(query.order_by(Price.valid_from.desc()).limit(1)).one_or_none()
    if last is not None and (last.amount_minor, last.reduced) == (amount, reduced):
        return Done("same", sku, {})
    pricing.set_price(session, sku, amount, begins, reduced=reduced)
    fields: dict[str, tuple[Any, Any]] = {
        "price": (_euros(last.amount_minor) if last else None, _euros(amount)),
        "valid_from": (None, clock.berlin(begins).strftime("%d.%m.%Y %H:%M")),
    }
    if reduced:
        fields["reduced"] = (None, True)
    return Done("changed" if last else "new", sku, fields)


def _nothing_yet(session: Session, sku: str) -> bool:
    return session.scalar(select(Price.id).where(Price.sku == sku).limit(1)) is None


def _links(session: Session, cells: Cells, _at: datetime) -> Done:
    kind, source, target = (_needed(cells, name) for name in ("kind", "source", "target"))
    key = f"{source} → {target}"
    query = select(ItemLink).where(ItemLink.source == source, ItemLink.target == target)
    row = session.scalar(query.execution_options(populate_existing=True))
    if cells.get("remove") and _flag(cells, "remove"):
        if row is None:
            return Done("same", key, {})
        session.delete(row)
        session.flush()
        return Done("changed", key, {"kind": (row.kind, None)})
    wanted: dict[str, Any] = {
        "kind": kind,
        "reason_de": cells.get("reason_de") or (row.reason_de if row else ""),
        "reason_en": cells.get("reason_en") or (row.reason_en if row else ""),
        "rank": _number(cells, "rank") if cells.get("rank") else (row.rank if row else 0),
    }
    different = {
        name: (getattr(row, name) if row else None, value)
        for name, value in wanted.items()
        if row is None or getattr(row, name) != value
    }
    if row is not None and not different:
        return Done("same", key, {})
    publishing.put_link(
        session,
        kind,
        target,
        source=source,
        reason_de=str(wanted["reason_de"]),
        reason_en=str(wanted["reason_en"]),
        rank=int(wanted["rank"]),
    )
    return Done("changed" if row else "new", key, different)


def _goods_rows(session: Session) -> list[tuple[Any, ...]]:
    query = select(Item, Product).join(Product, Product.slug == Item.product)
    rows = []
    for item, product in session.execute(query.order_by(Item.product, Item.position, Item.sku)):
        cells: dict[str, Any] = {
            **{name: getattr(product, name) for name in (*_PRODUCT_TEXTS, "age_min")},
            **{name: int(getattr(product, name)) for name in ("electrical", "batteries")},
            **{f"maker_{name}": product.maker.get(name, "") for name in _MAKER},
            **{name: getattr(item, name) for name in (*_ITEM_TEXTS, *_ITEM_NUMBERS)},
            "sku": item.sku, "product": product.slug, "vat_percent": item.vat_basis_points // 100,
            "shipping_group": item.shipping_group, "sellable": int(item.sellable),
        }  # fmt: skip
        rows.append(tuple(cells[name] for name in KINDS["goods"].columns))
    return rows


def _price_rows(session: Session) -> list[tuple[Any, ...]]:
    query = select(Price).order_by(Price.sku, Price.valid_from)
    return [
        (row.sku, _euros(row.amount_minor), clock.berlin(row.valid_from).isoformat(),
         int(row.reduced))
        for row in session.scalars(query)
    ]  # fmt: skip


def _link_rows(session: Session) -> list[tuple[Any, ...]]:
    query = select(ItemLink).where(ItemLink.source.is_not(None))
    rows = session.scalars(query.order_by(ItemLink.source, ItemLink.rank, ItemLink.target))
    return [(r.kind, r.source, r.target, r.reason_de, r.reason_en, r.rank, "") for r in rows]


def _needed(cells: Cells, name: str) -> str:
    if not cells.get(name):
        raise Invalid("field_missing", field=name)
    return cells[name]


def _emptied(text: str, nothing: str | None) -> str | None:
    return nothing if text == EMPTY else text


def _number(cells: Cells, name: str) -> int:
    text = cells[name]
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise Invalid("number", field=name, text=text[:40])
    return int(text)


def _flag(cells: Cells, name: str) -> bool:
    text = cells[name].lower()
    if text not in _YES | _NO:
        raise Invalid("flag", field=name, text=text[:40])
    return text in _YES


def cents(text: str) -> int:
    """Read a price as people type it ("6,90", "1.234,50 €") as cents.

    Raises:
        Invalid: ``price``.
    """
    plain = text.replace("€", "").replace("EUR", "").strip().replace(" ", "")
    if "," in plain:
        plain = plain.replace(".", "").replace(",", ".")
    try:
        value = Decimal(plain) * 100
    except InvalidOperation:
        raise Invalid("price", text=text[:40]) from None
    if not value.is_finite() or value != value.to_integral_value() or not 0 < value < 10**9:
        raise Invalid("price", text=text[:40])
    return int(value)


def instant(text: str, otherwise: datetime) -> datetime:
    """Read a day or an instant of Berlin ("01.12.2026", "2026-12-01T08:00"); empty is `otherwise`.

    Raises:
        Invalid: ``valid_from``.
    """
    if not text:
        return otherwise
    for form in ("%d.%m.%Y", "%d.%m.%Y %H:%M"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=clock.BERLIN)
        except ValueError:
            continue
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("valid_from", text=text[:40]) from None
    return found if found.tzinfo else found.replace(tzinfo=clock.BERLIN)


def _euros(amount_minor: int) -> str:
    return f"{amount_minor // 100},{amount_minor % 100:02d}"


KINDS = {
    "goods": Kind(
        "goods",
        ("sku",),
        ("sku", "product", *_ITEM_TEXTS, *_ITEM_NUMBERS, "vat_percent", "shipping_group",
         "sellable", *_PRODUCT_TEXTS, "age_min", "electrical", "batteries",
         *(f"maker_{name}" for name in _MAKER)),
        _goods,
        _goods_rows,
    ),
    "prices": Kind(
        "prices", ("sku", "price"), ("sku", "price", "valid_from", "reduced"), _prices, _price_rows
    ),
    "links": Kind(
        "links",
        ("kind", "source", "target"),
        ("kind", "source", "target", "reason_de", "reason_en", "rank", "remove"),
        _links,
        _link_rows,
    ),
}  # fmt: skip
