"""What tills have to know to sell without a network, and what of it changed since they asked.

1. `refresh` looks at every item as it is now; what differs from what tills were told gets a new
   generation. However a change came about (a price that takes effect by itself, too), it is seen.
2. A cursor is a generation and a SKU in it. A till pages through what is newer, and an item that
   changes meanwhile comes once more, later.
3. Price groups, promotions and weigh codes are few: they come whole when any of them changed.
"""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.tills.models import TillCatalog, WeighCode
from catalog.models import PriceGroup
from catalog.promotion_models import Promotion
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid

STALE = timedelta(seconds=60)
"""How long tills are told what was seen last, before one of them has to wait for a new look.

The scheduler looks every half minute: a large catalog takes seconds, and no till waits for them.
"""
LOOK_EVERY = timedelta(seconds=25)

AHEAD = timedelta(hours=48)
"""Prices that take effect so soon are told beforehand: a till may be offline at midnight."""

DISCOUNT_REASONS = {
    "damaged": ("Beschädigt", "Damaged"),
    "goodwill": ("Kulanz", "Goodwill"),
    "display": ("Ausstellungsstück", "Display item"),
    "price_match": ("Preis des Mitbewerbers", "Price match"),
    "staff": ("Personal", "Staff"),
}
RETURN_REASONS = {
    "not_liked": ("Gefällt nicht", "Not liked"),
    "wrong_size": ("Passt nicht", "Does not fit"),
    "defect": ("Defekt", "Defective"),
    "wrong_item": ("Falscher Artikel", "Wrong item"),
    "other": ("Anderer Grund", "Other"),
}
_LOCK = 0x54494C4C

# Which items differ from what tills were told; those without a price are none of theirs.
_REFRESH = """
    WITH RECURSIVE shelves AS (
        SELECT slug, parent, jsonb_build_array(slug) AS path FROM categories WHERE parent IS NULL
        UNION ALL
        SELECT below.slug, below.parent, shelves.path || to_jsonb(below.slug)
        FROM categories below JOIN shelves ON below.parent = shelves.slug
    ), now_sold AS (
        SELECT item.sku, jsonb_build_object(
            'gtins', CASE WHEN item.gtin IS NULL THEN '[]'::jsonb
                ELSE jsonb_build_array(item.gtin) END,
            'title_de', btrim(product.name_de || ' ' || item.variant_de),
            'title_en', btrim(product.name_en || ' ' || item.variant_en),
            'unit_minor', price.amount_minor,
            'vat_basis_points', item.vat_basis_points,
            'age_min', product.age_min,
            'sellable', item.sellable,
            'recalled', coalesce(rule.recalled, false),
            'next', coalesce((
                SELECT jsonb_agg(
                    jsonb_build_object('from', valid_from, 'unit_minor', amount_minor)
                    ORDER BY valid_from
                ) FROM prices
                WHERE sku = item.sku AND valid_from > :at AND valid_from <= :soon
            ), '[]'::jsonb),
            'category', product.category,
            'categories', shelves.path,
            'brand', product.brand,
            'picture', item.picture
        ) AS facts
        FROM items item
        JOIN products product ON product.slug = item.product
        JOIN shelves ON shelves.slug = product.category
        LEFT JOIN sku_rules rule ON rule.sku = item.sku
        JOIN LATERAL (
            SELECT amount_minor FROM prices
            WHERE sku = item.sku AND valid_from <= :at ORDER BY valid_from DESC LIMIT 1
        ) price ON true
    ), differing AS (
        SELECT coalesce(now_sold.sku, told.sku) AS sku, now_sold.sku IS NULL AS gone,
               coalesce(now_sold.facts, told.facts) AS facts
        FROM now_sold FULL JOIN till_items told ON told.sku = now_sold.sku
        WHERE told.sku IS NULL OR (now_sold.sku IS NULL AND NOT told.gone)
           OR (now_sold.sku IS NOT NULL AND told.gone) OR told.facts <> now_sold.facts
    )
    INSERT INTO till_items (sku, generation, gone, facts)
    SELECT sku, :generation, gone, facts FROM differing
    ON CONFLICT (sku) DO UPDATE
        SET generation = excluded.generation, gone = excluded.gone, facts = excluded.facts
"""

_PAGE = """
    SELECT sku, generation, gone, json_build_object(
        'sku', sku, 'gtins', facts->'gtins', 'title', facts->>:title,
        'unit_minor', facts->'unit_minor', 'vat_basis_points', facts->'vat_basis_points',
        'age_min', facts->'age_min', 'sellable', facts->'sellable',
        'recalled', facts->'recalled', 'next', facts->'next',
        'category', facts->'category', 'categories', facts->'categories',
        'brand', facts->'brand',
        'picture', CASE WHEN facts->>'picture' IS NULL THEN NULL
            ELSE :media || (facts->>'picture') END
    )::text AS facts
    FROM till_items
    WHERE (generation, sku) > (:generation, :sku) AND (NOT :first OR NOT gone)
    ORDER BY generation, sku LIMIT :limit
"""


@dataclass(frozen=True)
class Cursor:
    """How far a till has read: all up to a SKU of a generation; `first` while it has never ended.

    `settings` is a digest of the settings that it has.
    """

    generation: int = 0
    sku: str = ""
    first: bool = True
    settings: str = ""

    def packed(self) -> str:
        """Return the cursor as tills carry it."""
        plain = json.dumps([self.generation, self.sku, int(self.first), self.settings])
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def unpacked(cls, given: str | None) -> "Cursor":
        """Return the cursor that a till gives back; the beginning where it gives none.

        Raises:
            Invalid: ``cursor``.
        """
        if not given:
            return cls()
        try:
            plain = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))
            generation, sku, first, settings = json.loads(plain)
            if "\0" in sku or not 0 <= int(generation) < 2**31:
                raise ValueError
            return cls(int(generation), str(sku), bool(first), str(settings))
        except (binascii.Error, ValueError, TypeError, UnicodeError):
            raise Invalid("cursor", cursor=given) from None


@dataclass(frozen=True)
class Changes:
    """A page of what changed. `items` are JSON texts; `settings` None where they are unchanged."""

    items: list[str]
    deleted: list[str]
    cursor: str
    more: bool
    total: int
    settings: dict[str, Any] | None


def refresh(older_than: timedelta | None = None) -> int:
    """Look at the whole catalog and return the newest generation.

    Args:
        older_than: look only if the last look was longer ago.
    """
    with transaction() as session:
        row = session.get(TillCatalog, 1)
        if older_than is not None and row is not None and _fresh(row, older_than):
            return row.generation
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        row = session.get(TillCatalog, 1, populate_existing=True)
        if row is None:
            row = TillCatalog(id=1, generation=0, refreshed_at=datetime.now(UTC))
            session.add(row)
        elif older_than is not None and _fresh(row, older_than):
            return row.generation
        generation, now = row.generation + 1, clock.now()
        done = session.execute(
            text(_REFRESH), {"generation": generation, "at": now, "soon": now + AHEAD}
        )
        if done.rowcount:  # type: ignore[attr-defined]
            row.generation = generation
        row.refreshed_at = datetime.now(UTC)
        session.flush()
        return row.generation


def _fresh(row: TillCatalog, older_than: timedelta) -> bool:
    # Real time: the shop's clock may stand still.
    return datetime.now(UTC) - row.refreshed_at < older_than


def refresh_if_used() -> None:
    """Look at the catalog if any till has ever asked for it (a duty of the scheduler)."""
    with reading() as session:
        used = session.get(TillCatalog, 1) is not None
    if used:
        refresh(LOOK_EVERY)


def since(given: str | None, *, limit: int, language: str, media: str) -> Changes:
    """Return the next page of what a till does not know yet.

    Args:
        given: its cursor; None for a till that knows nothing.
        limit: how many items at most.
        media: what stands before the path of a picture.

    Raises:
        Invalid: ``cursor``.
    """
    cursor = Cursor.unpacked(given)
    if refresh(STALE) < cursor.generation:
        # The books are older than what this till has read: a backup was restored.
        raise Invalid("cursor", cursor=given)
    with reading() as session:
        rows = session.execute(
            text(_PAGE),
            {
                "generation": cursor.generation, "sku": cursor.sku, "first": cursor.first,
                "title": f"title_{'de' if language == 'de' else 'en'}", "media": media,
                "limit": limit + 1,
            },
        ).all()  # fmt: skip
        more, rows = len(rows) > limit, rows[:limit]
        known = settings(session, language)
        total = session.scalar(text("SELECT count(*) FROM till_items WHERE NOT gone")) or 0
    digest = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:16]
    last = rows[-1] if rows else cursor
    following = Cursor(last.generation, last.sku, cursor.first and more, digest)
    return Changes(
        items=[row.facts for row in rows if not row.gone],
        deleted=[row.sku for row in rows if row.gone],
        cursor=following.packed(),
        more=more,
        total=total,
        settings=known if digest != cursor.settings else None,
    )


def settings(session: Session, language: str) -> dict[str, Any]:
    """Return the few things that tills keep whole."""
    german = language == "de"
    groups = session.scalars(select(PriceGroup).order_by(PriceGroup.code))
    codes = session.scalars(select(WeighCode).order_by(WeighCode.starts))

    def named(reasons: dict[str, tuple[str, str]]) -> list[dict[str, str]]:
        return [{"code": code, "name": names[not german]} for code, names in reasons.items()]

    return {
        "price_groups": [
            {
                "code": row.code,
                "name": row.name_de if german else row.name_en,
                "discount_basis_points": row.discount_basis_points,
            }
            for row in groups
        ],
        "promotions": [_promotion(row, german=german) for row in _promotions(session)],
        "weigh_codes": [
            {"starts": row.starts, "sku": row.sku, "value": row.value} for row in codes
        ],
        "discount_reasons": named(DISCOUNT_REASONS),
        "return_reasons": named(RETURN_REASONS),
    }


def _promotions(session: Session) -> list[Promotion]:
    """Return the till's promotions, those of the next days too."""
    now = clock.now()
    query = select(Promotion).where((Promotion.ends_at.is_(None)) | (Promotion.ends_at > now))
    rows = session.scalars(query.order_by(Promotion.ref))
    return [row for row in rows if not row.channels or "till" in row.channels]


def _promotion(row: Promotion, *, german: bool) -> dict[str, Any]:
    same = (
        "ref", "kind", "basis_points", "amount_minor", "buy_units", "get_units", "min_minor",
        "stackable", "skus", "categories", "brands", "price_groups", "code", "limit_total",
        "limit_per_customer",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in same},
        "name": row.name_de if german else row.name_en,
        "limited": row.limit_total is not None or row.limit_per_customer is not None,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat() if row.ends_at else None,
    }
