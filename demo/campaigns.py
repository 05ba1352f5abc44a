"""The cards that lie in Angelhaus Rhein's parcels while the demo runs, from `campaigns.toml`."""

import tomllib
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from app.community.models import Campaign

FILE = Path(__file__).parent / "campaigns.toml"
# Before the demo's first day, so that a clock that is set never stands before it.
_SINCE = timedelta(days=30)


def put_all(session: Session, today: date) -> int:
    """Create the campaigns or bring them up to date; return how many there are."""
    found = tomllib.loads(FILE.read_text("utf-8"))["campaign"]
    for code, facts in found.items():
        row = session.get(Campaign, code)
        if row is None:
            row = Campaign(code=code, starts_on=today - _SINCE)
            session.add(row)
        for language in ("de", "en"):
            setattr(row, f"title_{language}", facts["title"][language])
            setattr(row, f"text_{language}", facts["text"][language].strip())
        row.category = facts["category"]
        row.next_document = facts["next_document"]
        row.owner = facts["owner"]
        row.ends_on = today + timedelta(days=facts["days"])
        row.cost_minor = facts["cost"]
        row.paper_grams = facts["paper_grams"]
        row.consent = facts.get("consent")
    session.flush()
    return len(found)
