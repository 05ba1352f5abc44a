"""Notices that the law wants in an offer: which of them hold for a product on a day."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from catalog.page_models import OfferNotice
from catalog.views import GERMAN, ProductView


@dataclass(frozen=True)
class Notice:
    """A notice as it stands in an offer. Without `artwork` its official form is still missing."""

    kind: str
    valid_from: date
    title_de: str
    title_en: str
    text_de: str
    text_en: str
    artwork: str | None

    def title(self, language: str) -> str:
        """Return its heading in `language`."""
        return self.title_de if language == GERMAN else self.title_en

    def text(self, language: str) -> str:
        """Return its text in `language`."""
        return self.text_de if language == GERMAN else self.text_en


def in_force(session: Session, on: date) -> dict[str, Notice]:
    """Return the notices that hold on a day, by kind, with one query."""
    row = OfferNotice
    query = (
        select(row)
        .where(row.valid_from <= on)
        .ext(distinct_on(row.kind))
        .order_by(row.kind, row.valid_from.desc())
    )
    fields = Notice.__dataclass_fields__
    return {
        found.kind: Notice(**{name: getattr(found, name) for name in fields})
        for found in session.scalars(query)
    }


def of_product(known: dict[str, Notice], product: ProductView) -> dict[str, Notice]:
    """Return those that this product needs."""
    needs: dict[str, Any] = {
        "legal": True,
        "durability": product.guarantee,
        "bin": product.electrical or product.weee_number,
        "battery": product.batteries,
        "age": product.age_min,
    }
    return {kind: notice for kind, notice in known.items() if needs.get(kind)}
