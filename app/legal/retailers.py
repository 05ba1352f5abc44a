"""The retailer's facts as they are in force: published in the back office, or those of the demo."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.legal import texts
from app.legal.retailer import NAMES, RETAILER, Retailer

PAGE = "anbieter"


def in_force(session: Session, at: datetime | None = None) -> Retailer:
    """Return who sells at an instant (now where None)."""
    version = texts.in_force(session, PAGE, at)
    return RETAILER if version is None else of(version.texts["facts"])


def of(facts: dict[str, str]) -> Retailer:
    """Return a retailer from stored facts; what they do not know yet is empty."""
    known = {name: facts.get(name, "") for name in NAMES}
    return Retailer(**{**known, "since": int(known["since"] or 0)})  # type: ignore[arg-type]
