"""Catalogues and samples of Angelhaus Rhein, for the few who have asked for some, from a file."""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from app.community import mailings
from app.identity import customers as accounts
from app.workflows import mailings as sending
from demo import people
from kit.database import reading, transaction
from kit.errors import Invalid
from loyalty import consents
from loyalty.consents import Asking

FILE = Path(__file__).parent / "by_post.toml"
_WORDS = {
    consents.CATALOGUES: "Ich möchte gedruckte Kataloge an meine Adresse bekommen.",
    consents.SAMPLES: "Ich möchte Muster und Proben an meine Adresse bekommen.",
}
# The Müllers of the story have asked for nothing.
_ASK_FROM = 2


def put_all(start: datetime) -> int:
    """Note who asked, make the mailings, release those that say so; return the pieces that wait."""
    facts = tomllib.loads(FILE.read_text("utf-8"))
    with transaction() as session:
        for purpose, count in facts["wishes"].items():
            _ask(session, purpose, count)
        for code, one in facts["mailing"].items():
            _make(session, code, one, start)
    for code, one in facts["mailing"].items():
        with reading() as session:
            released = mailings.one(session, code).released_at is not None
        if one["released"] and not released:
            sending.release(code, actor=one["owner"])
    return sum(made.states.get("open", 0) for made in _listed())


def _listed() -> list[mailings.Made]:
    with reading() as session:
        return list(mailings.listed(session))


def _ask(session: Session, purpose: str, count: int) -> None:
    at_home = [row for row in people.customer_rows()[_ASK_FROM:] if row["street"] and row["email"]]
    for row in at_home[:count]:
        if accounts.account_of(session, row["email"]) is None:
            accounts.open_account(session, row["email"], row["number"])
        asking = Asking(_WORDS[purpose], row["language"], "account", "")
        consents.agree(session, row["email"], purpose, asking)


def _make(session: Session, code: str, one: dict[str, object], start: datetime) -> None:
    titles: dict[str, str] = one["title"]  # type: ignore[assignment]
    draft = mailings.Draft(
        code=code,
        kind=str(one["kind"]),
        title_de=titles["de"],
        title_en=titles["en"],
        owner=str(one["owner"]),
        location=str(one["location"]),
        starts_on=start.date(),
        ends_on=start.date() + timedelta(days=int(str(one["days"]))),
        cost_minor=int(str(one["cost"])),
        paper_grams=int(str(one["grams"])),
    )
    try:
        mailings.put(session, draft, new=True)
    except Invalid:
        # It is there since the first start.
        return
