"""A legal text on paper: what goes with the confirmation of an order, on a durable medium."""

import json
from collections.abc import Mapping
from functools import lru_cache

from flask_babel import force_locale
from flask_babel import gettext as _

from app import press
from app.i18n import formats
from app.legal import markup, pages
from app.legal.models import LegalVersion
from app.legal.retailer import Retailer
from kit import clock


def pdf(version: LegalVersion, language: str, seller: Retailer, facts: Mapping[str, str]) -> bytes:
    """Return a version of a page as PDF: the same words give the same bytes.

    Args:
        version: which.
        language: of the reader.
        seller: who sold then.
        facts: what the text names in braces.
    """
    text = version.texts[language]
    on = clock.berlin(version.valid_from).date()
    with force_locale(language):
        stand = _(
            "Fassung %(number)s, gültig ab %(day)s", number=version.version, day=f"{on:%d.%m.%Y}"
        )
        managed = _("Geschäftsführung:")
        phone = formats.phone(seller.phone)
    data = {
        "title": text["title"],
        "language": language,
        "on": on.isoformat(),
        "stand": str(stand),
        "seller": {**seller.plain(), "phone_shown": phone},
        "words": {"managed": str(managed)},
        "parts": markup.plain(pages.fill(text["body"], facts)),
    }
    return _printed(json.dumps(data, sort_keys=True))


@lru_cache(maxsize=64)
def _printed(data: str) -> bytes:
    # The same text goes with every order of a day.
    return press.paper("legal", json.loads(data))
