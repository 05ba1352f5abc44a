"""What people type and what they should find: the judged queries, and what a search made of them.

A hit is one expected thing among the first three of its kind, as a page shows them.
"""

import tomllib
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from catalog import search
from catalog.search import Results

FILE = Path(__file__).parent.parent / "tests" / "catalog" / "judged.toml"
FIRST = 3


def queries() -> list[dict[str, Any]]:
    """Return the judged queries."""
    return list(tomllib.loads(FILE.read_text("utf-8"))["query"])


def answers(found: Results) -> dict[str, list[str | None]]:
    """Return the first of each kind, by the name that the list calls the kind."""
    return {
        "landing": [found.landing.slug if found.landing else None],
        "product": [card.slug for card in found.products[:FIRST]],
        "sku": [card.item.sku for card in found.products[:1]],
        "document": [document.slug for document in found.documents[:FIRST]],
        "store": [hit.ref for hit in found.stores[:FIRST]],
        "help": [hit.ref for hit in found.help[:FIRST]],
        "category": [hit.ref for hit in found.categories[:FIRST]],
        "first": [_kind_first(found)],
    }


def _kind_first(found: Results) -> str | None:
    """Return what kind of thing the page shows on top."""
    if found.landing is not None:
        return "landing"
    if found.documents_first and found.documents:
        return "document"
    if found.pages_first:
        return "store" if found.stores else "help"
    return "product" if found.products else None


def misses(session: Session, query: dict[str, Any]) -> list[str]:
    """Return what a query should have found and did not."""
    got = answers(search.search(session, str(query["text"])))
    wrong = []
    for kind, wanted in query.items():
        if kind == "text":
            continue
        expected = wanted if isinstance(wanted, list) else [wanted]
        if not set(expected) & set(got[kind]):
            wrong.append(f"{query['text']}: {kind} {expected}, got {got[kind]}")
    return wrong
