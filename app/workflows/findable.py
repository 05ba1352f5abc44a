"""Keeps what can be found up to date: goods and papers, the stores as they are, the help pages."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from catalog import indexing, misses
from catalog.events import ProductPublished, ProductWithdrawn
from fulfilment.places import locations
from kit.database import transaction

STORE, HELP = "store", "help"


@dataclass(frozen=True)
class HelpPage:
    """A page of the shop that helps: what it is called, and what people type who look for it."""

    ref: str
    de: str
    en: str
    words: str


# The name by which the storefront knows the page, then its titles, then other words for it.
HELP_PAGES = (
    HelpPage(
        "versand", "Versand und Lieferung", "Shipping and delivery",
        "Versandkosten Lieferkosten Porto Lieferzeit Lieferung Paket DHL Zustellung Abholung"
        " shipping delivery postage costs parcel",
    ),
    HelpPage(
        "widerruf", "Widerruf und Rückgabe", "Withdrawal and returns",
        "Rückgabe Rücksendung Retoure Umtausch umtauschen zurückgeben zurückschicken Erstattung"
        " return returns refund withdraw exchange",
    ),
    HelpPage(
        "vertrag-widerrufen", "Vertrag widerrufen", "Withdraw from a contract",
        "Widerruf widerrufen stornieren Storno Kündigung cancel withdraw",
    ),
    HelpPage(
        "bestellung", "Bestellung ansehen", "Look at an order",
        "Bestellung Bestellstatus Sendungsverfolgung Sendung verfolgen Paket Rechnung Auftrag"
        " order status tracking track invoice",
    ),
    HelpPage(
        "anleitungen", "Alle Anleitungen und Filme", "All manuals and films",
        "Anleitung Anleitungen Handbücher Gebrauchsanleitungen Downloads manuals instructions",
    ),
    HelpPage(
        "anfrage", "Eine Frage an unsere Läden", "A question to our stores",
        "Kontakt Frage Hilfe Beratung Telefon E-Mail Kundendienst Reparatur Ersatzteil Garantie"
        " contact question help phone service repair spare part warranty",
    ),
    HelpPage(
        "impressum", "Impressum", "Imprint", "Impressum Firma Adresse Anbieter imprint company",
    ),
    HelpPage(
        "agb", "Geschäftsbedingungen", "Terms and conditions",
        "AGB Bedingungen Zahlung bezahlen Zahlungsarten Kreditkarte payment terms conditions",
    ),
    HelpPage(
        "datenschutz", "Datenschutz", "Privacy", "Datenschutz Cookies Daten privacy data",
    ),
    HelpPage(
        "barrierefreiheit", "Barrierefreiheit", "Accessibility",
        "Barrierefreiheit barrierefrei Vorlesen Tastatur accessibility",
    ),
)  # fmt: skip


def refresh() -> int:
    """Make everything findable as it is now, forget old misses; return the number of entries."""
    with transaction() as session:
        found = indexing.reindex(session) + put_pages(session)
        misses.forget(session)
    return found


def on_product_changed(session: Session, event: ProductPublished | ProductWithdrawn) -> None:
    """Have a product found as it is now, or no longer, without waiting for the night."""
    indexing.put_product(session, event.slug)


def put_pages(session: Session) -> int:
    """Make stores and help pages findable, and forget those that are gone; return how many."""
    stores = [place for place in locations.by_code(session).values() if place.kind == STORE]
    for place in stores:
        indexing.put_page(
            session,
            STORE,
            place.code,
            title_de=f"Filiale {place.name}",
            title_en=f"{place.name} store",
            words=[
                place.city, place.street, place.postal_code, place.contact,
                "Laden Geschäft Öffnungszeiten geöffnet offen Adresse Anfahrt Parken",
                "shop store opening hours open address",
            ],
            body=["abholen Abholung Beratung Telefon", "collect pick up phone"],
        )  # fmt: skip
    for page in HELP_PAGES:
        indexing.put_page(
            session, HELP, page.ref, title_de=page.de, title_en=page.en, words=[page.words]
        )
    indexing.keep_pages(session, STORE, [place.code for place in stores])
    indexing.keep_pages(session, HELP, [page.ref for page in HELP_PAGES])
    return len(stores) + len(HELP_PAGES)
