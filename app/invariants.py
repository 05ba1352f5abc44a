"""The fifteen invariants of a shop that cannot lie: one query each, returning what breaks it.

Run after every test scenario, hourly in production, and on a page of the back office.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.proofs import PROOFS as APPLICATION_PROOFS
from fulfilment.proofs import PROOFS as FULFILMENT_PROOFS
from loyalty.proofs import PROOFS as LOYALTY_PROOFS

TITLES = {
    1: "ledger sums equal the balances, per SKU and location",
    2: "the ledger nets to zero over all accounts",
    3: "nothing is oversold: claims are covered by what is on hand",
    4: "every reservation ends exactly once",
    5: "paid = captured − refunded, and never more refunded than captured",
    6: "per order line: shipped + cancelled + open = ordered; returned ≤ shipped",
    7: "a parcel holds what was scanned into it",
    8: "totals = lines + shipping − credits; VAT adds up to the cent",
    9: "receipt numbers are gapless and never reused",
    10: "the points ledger equals the balances",
    11: "the gift card ledger equals the balances",
    12: "every outbox row is delivered, waiting its turn, or in the dead-letter list",
    13: "every till sale has a fiscal signature or an outage record",
    14: "cash: opening + movements = counted ± posted difference",
    15: "the application's role has no UPDATE or DELETE on ledger tables",
}
_PROOFS = {**FULFILMENT_PROOFS, **LOYALTY_PROOFS, **APPLICATION_PROOFS}


@dataclass(frozen=True)
class Finding:
    """One invariant's verdict: ``holds``, ``broken`` (with rows that show it) or ``not built``."""

    number: int
    title: str
    state: str
    rows: Sequence[dict[str, Any]]


def check(session: Session, *, limit: int = 20) -> list[Finding]:
    """Check every invariant against the database as it stands.

    Args:
        session: may be read-only.
        limit: how many offending rows to return per invariant at most.
    """
    return [_check(session, number, limit) for number in TITLES]


def _check(session: Session, number: int, limit: int) -> Finding:
    proof = _PROOFS.get(number)
    if proof is None:
        return Finding(number, TITLES[number], "not built", [])
    query = text(f"SELECT * FROM ({proof}) AS offence LIMIT :most")  # noqa: S608 - our own
    rows = session.execute(query, {"most": limit}).mappings()
    offences = [dict(row) for row in rows]
    return Finding(number, TITLES[number], "broken" if offences else "holds", offences)
