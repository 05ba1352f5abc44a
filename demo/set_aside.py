"""What the stores keep for somebody when the demo starts: two holds in Bonn, one in Köln.

One lies ready, two are to be laid out, so that the floor has something to do. And Frau Abendroth
has a basket that she wants to show at the till.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.sales import baskets
from app.sales.hold_models import StoreHold
from app.workflows import reserve_in_store
from app.workflows.reserve_in_store import Reserver
from demo import people
from kit.database import reading, transaction

Lines = Sequence[tuple[str, int]]

READY = "abendroth"
_HOLDS = (
    ("abendroth", "bonn", (("RS7-WAS", 2), ("PT75-PIN", 1))),
    ("frau_mueller", "bonn", (("AS12-PER", 1),)),
    ("akguen", "koeln", (("RS9-FEU", 2),)),
)
_SHOWN = (("RS7-PER", 2), ("PT75-UKE", 1))


def put_all() -> int:
    """Reserve what is to be kept; a second time does nothing. Return how many holds there are."""
    with reading() as session:
        if session.scalar(select(StoreHold.id).limit(1)) is not None:
            return len(_HOLDS)
    rows = {row["key"]: row for row in people.customer_rows()}
    for key, store, lines in _HOLDS:
        token = _basket(rows[key]["number"], lines)
        who = Reserver(rows[key]["name"], rows[key]["email"], rows[key]["phone"] or None)
        held = reserve_in_store.reserve(token, who, store)
        if key == READY:
            reserve_in_store.lay_out(held.ref, location=store, actor="demo")
    with transaction() as session:
        shown = baskets.by_token(session, _basket_in(session, rows[READY]["number"], _SHOWN))
        baskets.give_code(session, shown)
    return len(_HOLDS)


def _basket(number: str, lines: Lines) -> str:
    with transaction() as session:
        return _basket_in(session, number, lines)


def _basket_in(session: Session, number: str, lines: Lines) -> str:
    basket = baskets.open_(session, "web")
    baskets.attach_customer(session, basket, number)
    baskets.add_all(session, basket, list(lines))
    return basket.token
