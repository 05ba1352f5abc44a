"""A small catalog for the tests: two departments, six products, real GTINs, prices with a past."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from catalog import pricing, publishing

WEDNESDAY = datetime(2026, 11, 18, 11, 30, tzinfo=UTC)
LONG_AGO = WEDNESDAY - timedelta(days=300)
MAKER = {"name": "Werk GmbH", "address": "Am Hafen 1, 53111 Bonn", "email": "werk@werk.example"}
SIZE = {"key": "length_mm", "de": "Länge", "en": "Length", "unit": "cm", "divide": 10}
FISH = {"key": "species", "de": "Fisch", "en": "Fish",
        "values": {"zander": {"de": "Zander", "en": "Zander"},
                   "barsch": {"de": "Barsch", "en": "Perch"}}}  # fmt: skip
COLOUR = {"key": "colour", "de": "Farbe", "en": "Colour"}


def category(session: Session, slug: str, name: str, english: str, **more: object) -> None:
    publishing.put_category(session, slug, name_de=name, name_en=english, **more)


def product(session: Session, slug: str, category: str, name: str, **more: object) -> None:
    facts = {
        "category": category, "family": "lure_shad", "name_de": name, "name_en": f"{name} (en)",
        "text_de": f"{name} im Einsatz.", "text_en": f"{name} in use.", "brand": "Werk",
        "maker": MAKER, **more,
    }  # fmt: skip
    publishing.put_product(session, slug, **facts)


def item(session: Session, sku: str, product: str, price: int | None = 990, **more: object) -> None:
    publishing.put_item(session, sku, **{"product": product, "weight_grams": 40, **more})
    if price is not None:
        pricing.set_price(session, sku, price, LONG_AGO)


def fill(session: Session) -> None:
    """Put the small catalog."""
    category(session, "angeln", "Angeln", "Angling")
    category(session, "gummikoeder", "Gummiköder", "Soft lures", parent="angeln", position=1,
             facets=[SIZE, COLOUR, FISH], landing=["Gummifisch"])  # fmt: skip
    category(session, "haken", "Haken", "Hooks", parent="angeln", position=2)
    category(session, "kueche", "Küche", "Kitchen", position=9)
    publishing.put_price_group(
        session, "club", name_de="Stammkunde", name_en="Club", discount_basis_points=500
    )
    product(session, "rheinshad", "gummikoeder", "Rheinshad",
            attributes={"species": ["zander", "barsch"]})  # fmt: skip
    for length, colour, price in ((70, "rot", 590), (90, "rot", 690), (90, "grün", 690)):
        item(session, f"RS{length}-{colour[:2].upper().replace('Ü', 'U')}", "rheinshad", price,
             variant_de=f"{length // 10} cm, {colour}", variant_en=f"{length // 10} cm, {colour}",
             attributes={"length_mm": length, "colour": colour}, position=length,
             content_quantity=5, content_unit="piece")  # fmt: skip
    product(session, "moselschaufel", "gummikoeder", "Moselschaufel", brand="Strom",
            attributes={"species": ["zander"]})  # fmt: skip
    item(session, "MS90-GR", "moselschaufel", 450, attributes={"length_mm": 90, "colour": "grün"})
    product(session, "offset-haken", "haken", "Offset-Haken", family="hook_offset")
    item(session, "OH-2-0", "offset-haken", 490, gtin="4006381333931",
         variant_de="Größe 2/0", variant_en="size 2/0")  # fmt: skip
    item(session, "OH-3-0", "offset-haken", 490, variant_de="Größe 3/0", variant_en="size 3/0",
         position=1)  # fmt: skip
    product(session, "km-x100", "kueche", "Küchenmaschine KM-X100", family="mixer",
            type_number="KM-X100", weee_number="DE12345678")  # fmt: skip
    item(session, "KM-X100-CRE", "km-x100", 39900, gtin="9520000003241", weight_grams=7400)
    publishing.put_document(
        session, "anleitung-km-x100", kind="manual", title_de="Gebrauchsanleitung KM-X100",
        title_en="Manual KM-X100", path="documents/km-x100.pdf", type_number="KM-X100",
        pages=24, products=["km-x100"],
    )  # fmt: skip
    publishing.put_document(
        session, "ratgeber-gummi", kind="guide", title_de="Ratgeber Gummiköder",
        title_en="Guide to soft lures", path="documents/gummi.pdf", categories=["gummikoeder"],
        products=["rheinshad"],
    )  # fmt: skip
