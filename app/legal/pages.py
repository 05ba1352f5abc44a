"""The legal pages: which there are, what they must say, and the drafts that a shop begins with.

A draft is a sample. It is shown until the retailer has published a version, and `gate` says so.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.legal import retailers, texts
from app.legal.models import LegalVersion
from app.legal.retailer import Retailer
from kit import clock
from kit.errors import Invalid

LANGUAGES = ("de", "en")
# By address: the rule that wants the page.
PAGES = {
    "impressum": "§ 5 DDG, § 36 VSBG",
    "agb": "§§ 305 ff., § 312i BGB",
    "datenschutz": "Art. 13 DSGVO, § 25 TDDDG",
    "widerruf": "Art. 246a § 1 Abs. 2 EGBGB, §§ 355, 356a BGB",
    "versand": "§ 312j Abs. 1 BGB, § 6 PAngV",
    "barrierefreiheit": "Anlage 3 BFSG",
    "entsorgung": "§ 18 ElektroG, BattDG",
}
# What goes to the customer on a durable medium with the confirmation (section 312f (2) BGB).
SENT_WITH_ORDER = ("agb", "widerruf")
# Facts that law wants of every retailer; the others hang on what they sell.
REQUIRED = (
    "company", "street", "postal_code", "city", "director", "register_court", "register_number",
    "vat_id", "phone", "email", "packaging_register",
)  # fmt: skip
# Beside the retailer's facts, what a text may name.
TERMS = ("shipping", "free_from", "site", "address")
LONGEST = 60_000
_DRAFTS = Path(__file__).parent / "pages"
_NAME = re.compile(r"\{([a-z_]+)\}")
_OPEN = re.compile(r"\[\s*(?:bitte|please|todo|xxx|…|\.\.\.)[^\]]*\]", re.IGNORECASE)


@dataclass(frozen=True)
class Gap:
    """What the retailer has to see to; `kind` is unpublished, fact, unknown, open or empty."""

    page: str
    kind: str
    what: str


def draft_of(page: str) -> dict[str, dict[str, str]]:
    """Return the sample of a page, as texts of a version.

    Raises:
        Invalid: ``legal_page``.
    """
    if page not in PAGES:
        raise Invalid("legal_page", page=page)
    found = {}
    for language in LANGUAGES:
        plain = (_DRAFTS / f"{page}.{language}.md").read_text("utf-8")
        title, _, body = plain.partition("\n")
        found[language] = {"title": title.removeprefix("# ").strip(), "body": body.strip()}
    return found


def standing(session: Session, page: str, at: datetime | None = None) -> LegalVersion:
    """Return the version of a page in force at an instant; the sample, as version 0, before one.

    Raises:
        Invalid: ``legal_page``.
    """
    found = texts.in_force(session, page, at)
    return found if found is not None else sample(page, at)


def sample(page: str, at: datetime | None = None) -> LegalVersion:
    """Return the sample of a page as a version that nobody has published."""
    return LegalVersion(
        page=page, version=0, valid_from=at or clock.now(), texts=draft_of(page), note="", actor=""
    )


def facts_for(
    seller: Retailer, *, phone: str, shipping: str, free_from: str, site: str
) -> dict[str, str]:
    """Return what a text may name, in words: the retailer's facts and the terms of sale."""
    plain = {name: str(value) for name, value in seller.plain().items()}
    terms = {"shipping": shipping, "free_from": free_from, "site": site}
    return {**plain, **terms, "phone": phone, "address": seller.address}


def checked(given: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return texts of a version, clean.

    Raises:
        Invalid: ``legal_text``: a language has no title or no body, or is too long.
    """
    clean: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        text = given.get(language) or {}
        title, body = str(text.get("title", "")).strip(), str(text.get("body", "")).strip()
        if not title or not body or len(body) > LONGEST:
            raise Invalid("legal_text", language=language)
        clean[language] = {"title": title, "body": body.replace("\r\n", "\n")}
    return clean


def gate(session: Session) -> list[Gap]:
    """Return everything that the retailer still has to fill in or publish; empty is well."""
    gaps = []
    standing = texts.in_force(session, retailers.PAGE)
    if standing is None:
        gaps.append(Gap(retailers.PAGE, "unpublished", retailers.PAGE))
    seller = retailers.in_force(session)
    gaps += [Gap(retailers.PAGE, "fact", name) for name in REQUIRED if not _said(seller, name)]
    for page in PAGES:
        version = texts.in_force(session, page)
        if version is None:
            gaps.append(Gap(page, "unpublished", page))
        gaps += missing_in(page, version.texts if version else draft_of(page), seller)
    return gaps


def missing_in(page: str, given: Mapping[str, Any], seller: Retailer) -> list[Gap]:
    """Return what a text still lacks: names without a fact, unknown names, open brackets."""
    gaps: dict[tuple[str, str], Gap] = {}
    for language in LANGUAGES:
        body = given.get(language, {}).get("body", "")
        if not body:
            gaps["empty", language] = Gap(page, "empty", language)
        for name in _NAME.findall(body):
            if name in TERMS:
                continue
            if name not in seller.plain():
                gaps["unknown", name] = Gap(page, "unknown", name)
            elif not _said(seller, name) and name not in REQUIRED:
                gaps["fact", name] = Gap(page, "fact", name)
        for words in _OPEN.findall(body):
            gaps["open", words] = Gap(page, "open", words)
    return list(gaps.values())


def _said(seller: Retailer, name: str) -> bool:
    return bool(str(getattr(seller, name)).strip())


def fill(body: str, facts: Mapping[str, str]) -> str:
    """Put facts into a text; a name that is unknown stays as it stands."""
    return _NAME.sub(lambda found: facts.get(found[1], found[0]), body)
