"""The gate between a draft and the shop: what an offer lacks that the law wants in it.

1. Who made it, and who answers for it inside the EU; a picture, a type or number that tells it
   apart; warnings in German, or the reason why there are none (GPSR (EU) 2023/988, article 19).
2. Registrations of electrical devices and batteries (ElektroG section 6, BattDG).
3. Weapons: some are for adults, some for nobody (WaffG section 2, annex 2).
4. Words about the environment with their proof, guarantees with all their facts (Directive (EU)
   2024/825).
Loading a shop puts goods straight on sale and checks each product (`publishing.put_product`); what
people make goes through `publish`, which also looks at pictures, numbers and prices.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog import claims
from catalog.events import ProductPublished, ProductWithdrawn
from catalog.facets import PUBLISHED
from catalog.models import Item, Price, Product
from catalog.views import OF_AGE
from kit import clock, events
from kit.errors import NotFound, Refused

DRAFT, WITHDRAWN = "draft", "withdrawn"
_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
LONGER_THAN_YEARS = 2
BLADE, BANNED = "blade", "banned"


@dataclass(frozen=True)
class Gap:
    """Something an offer lacks: a code, the SKU it is about, and what was found, for people."""

    code: str
    sku: str | None = None
    found: str = ""


@dataclass(frozen=True)
class Standing:
    """A product with its state and what it lacks."""

    slug: str
    name_de: str
    name_en: str
    state: str
    gaps: tuple[Gap, ...]

    def name(self, language: str) -> str:
        """Return its name in `language`."""
        return self.name_de if language == "de" else self.name_en


def of_product(facts: Mapping[str, Any]) -> list[Gap]:
    """Return what a product's own facts lack, in the fields of `Product`."""
    maker = facts["maker"]
    country = str(maker.get("country", ""))
    checks = [
        ("maker_name", not str(maker.get("name", "")).strip()),
        ("maker_address", not str(maker.get("address", "")).strip()),
        ("maker_electronic", not (maker.get("email") or maker.get("url"))),
        ("eu_responsible", bool(country) and country not in _EU.split() and not _answers(maker)),
        ("weee_number", bool(facts["electrical"]) and not facts["weee_number"]),
        ("battery_number", bool(facts["batteries"]) and not facts["battery_number"]),
        ("age_min", facts["weapon_class"] == BLADE and facts["age_min"] < OF_AGE),
        ("banned", facts["weapon_class"] == BANNED),
        ("guarantee", not _complete(facts["guarantee"])),
    ]
    return [*(Gap(code) for code, lacking in checks if lacking), *_claims(facts)]


def _answers(maker: Mapping[str, Any]) -> bool:
    reach = maker.get("eu_email") or maker.get("eu_url")
    return bool(maker.get("eu_name") and maker.get("eu_address") and reach)


def _complete(guarantee: Mapping[str, Any]) -> bool:
    """Tell whether a guarantee of durability may be labelled: years above two, model, giver."""
    if not guarantee:
        return True
    years = guarantee.get("years")
    named = guarantee.get("model") and guarantee.get("giver")
    return type(years) is int and years > LONGER_THAN_YEARS and bool(named)


def _claims(facts: Mapping[str, Any]) -> list[Gap]:
    if str(facts["eco_proof"]).strip():
        return []
    names = ("name_de", "name_en", "text_de", "text_en")
    said = claims.unproved(*(str(facts[name]) for name in names))
    return [Gap("eco_claim", found=", ".join(said))] if said else []


def standing(session: Session, slug: str) -> Standing:
    """Return a product's state and everything it lacks.

    Raises:
        NotFound: ``product``.
    """
    for found in _standings(session, [slug]):
        return found
    raise NotFound("product", slug=slug)


def drafts(session: Session, limit: int = 200) -> list[Standing]:
    """Return what is not on sale yet, with what it lacks."""
    query = select(Product.slug).where(Product.state == DRAFT).order_by(Product.slug).limit(limit)
    return list(_standings(session, session.scalars(query).all()))


def lacking(session: Session, limit: int = 50) -> list[Standing]:
    """Return what is on sale although it lacks something: loaded before a rule began, say."""
    found: list[Standing] = []
    for one in _standings(session, None):
        if one.state == PUBLISHED and one.gaps:
            found.append(one)
        if len(found) == limit:
            break
    return found


def _standings(session: Session, slugs: Sequence[str] | None) -> Iterable[Standing]:
    priced = select(Price.sku).where(Price.sku == Item.sku).exists()
    item = func.jsonb_build_array(Item.sku, Item.gtin, Item.picture, priced, Item.sellable)
    items = (
        select(func.jsonb_agg(item))
        .where(Item.product == Product.slug)
        .correlate(Product)
        .scalar_subquery()
    )
    columns = [column for column in Product.__table__.columns if column.key != "keywords"]
    query = select(*columns, items.label("items")).order_by(Product.slug)
    if slugs is not None:
        query = query.where(Product.slug.in_(slugs))
    for row in session.execute(query).mappings():
        facts = {str(name): value for name, value in row.items()}
        gaps = (*of_product(facts), *_of_offer(facts))
        names = facts["name_de"], facts["name_en"]
        yield Standing(facts["slug"], *names, facts["state"], gaps)


def _of_offer(facts: Mapping[str, Any]) -> list[Gap]:
    """Return what the whole offer lacks: what a loaded shop may still owe."""
    gaps = [] if facts["maker"].get("country") else [Gap("maker_country")]
    if not facts["safety_de"].strip() and not facts["no_warning"].strip():
        gaps.append(Gap("warning"))
    sold = [item for item in facts["items"] or [] if item[4]]
    if not sold:
        gaps.append(Gap("items"))
    for sku, gtin, picture, priced, _ in sold:
        if not picture:
            gaps.append(Gap("picture", sku))
        if not gtin and not facts["type_number"]:
            gaps.append(Gap("identifier", sku))
        if not priced:
            gaps.append(Gap("price", sku))
    return gaps


def publish(session: Session, slug: str) -> None:
    """Put a product on sale; it is found as soon as the event is delivered.

    Raises:
        NotFound: ``product``.
        Refused: ``not_publishable`` with the codes of what it lacks.
    """
    product = _locked(session, slug)
    gaps = standing(session, slug).gaps
    if gaps:
        raise Refused("not_publishable", slug=slug, gaps=sorted({gap.code for gap in gaps}))
    if product.state != PUBLISHED:
        product.state, product.published_at = PUBLISHED, clock.now()
        session.flush()
    events.record(session, ProductPublished(slug=slug))


def withdraw(session: Session, slug: str) -> None:
    """Take a product off sale; its page and its manuals stay.

    Raises:
        NotFound: ``product``.
    """
    product = _locked(session, slug)
    if product.state == PUBLISHED:
        product.state = WITHDRAWN
        session.flush()
        events.record(session, ProductWithdrawn(slug=slug))


def _locked(session: Session, slug: str) -> Product:
    product = session.get(Product, slug, with_for_update=True, populate_existing=True)
    if product is None:
        raise NotFound("product", slug=slug)
    return product
