"""What makes the shelves of the demo lively: a promotion for everybody, pages for a theme, a draft.

The draft lacks what the law wants in an offer, so that the back office has something to hold back.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from catalog import landing, promotions, publishing, release
from catalog.landing import Page
from catalog.promotion_sums import Rule
from catalog.promotions import Offer
from demo.catalog.goods import products, tidy
from demo.catalog.naming import table
from kit import clock

ACTOR = "Tobias Krings"
PROMOTION = "Posenwochen: 15 % auf Posen"
DRAFT = "naturkork-pose"


def put_all(session: Session, start: datetime) -> int:
    """Put all of it once; return how many."""
    return _promotion(session, start) + _themes(session) + _draft(session)


def _promotion(session: Session, start: datetime) -> int:
    if any(made.offer.rule.name_de == PROMOTION for made in promotions.listed(session)):
        return 1
    rule = Rule(
        ref="",
        kind="percent",
        name_de=PROMOTION,
        name_en="Float weeks: 15% off floats",
        basis_points=1500,
        skus=frozenset(_floats()),
    )
    first = clock.berlin(start).replace(hour=0, minute=0, second=0, microsecond=0)
    offer = Offer(rule, first - timedelta(days=6), first + timedelta(days=21))
    promotions.create(session, offer, actor=ACTOR)
    return 1


def _floats() -> list[str]:
    return [each.sku for product in products() if product.family == "float"
            for each in product.variants]  # fmt: skip


def _themes(session: Session) -> int:
    pages = table("themes")
    for slug, said in pages.items():
        title, intro = tidy(said["title"]), tidy(said["intro"])
        page = Page(
            slug,
            title["de"],
            title["en"],
            intro["de"],
            intro["en"],
            category=said["category"],
            facets=said["facets"],
            products=tuple(said["products"]),
            documents=tuple(said["documents"]),
            terms=tuple(said["terms"]),
        )
        landing.put(session, page, actor=ACTOR)
    return len(pages)


def _draft(session: Session) -> int:
    if any(found.slug == DRAFT for found in release.drafts(session)):
        return 1
    publishing.put_product(
        session,
        DRAFT,
        draft=True,
        category="posen-gewichte",
        family="float",
        name_de="Pose aus Naturkork",
        name_en="Natural Cork Float",
        text_de="Nachhaltig und klimaneutral hergestellt: eine Pose für Strom und Altarm.",
        text_en="Sustainable and climate-neutral: a float for the river and its old arms.",
        brand="Minho",
        maker={"name": "Minho Cork Trading Ltd.", "address": "48 Quay Street, Bristol BS1 4XE, UK",
               "country": "GB"},
    )  # fmt: skip
    publishing.put_item(session, "NKP-4", product=DRAFT, weight_grams=9, variant_de="4 g",
                        variant_en="4 g")  # fmt: skip
    return 1
