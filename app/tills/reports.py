"""The X and the Z report: what a session sold, by payment and by VAT, and what its drawer holds."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.tills import cash
from app.tills.fiscal.models import FiscalRecord
from app.tills.models import TillReceipt, TillSession
from kit.money import vat_within

_UNREAL = {"training", "aborted"}


@dataclass
class Report:
    """Figures of a session; money in minor units. `cash_expected_minor` is without difference."""

    session_id: str
    device: str
    location: str
    state: str
    z_number: int | None
    opened_at: datetime
    closed_at: datetime | None
    opening_minor: int
    cashier: str | None
    counted_by: str | None
    note: str
    receipts: dict[str, Any]
    sales_minor: int = 0
    returns_minor: int = 0
    total_minor: int = 0
    discounts_minor: int = 0
    by_method: list[dict[str, Any]] = field(default_factory=list)
    vat: list[dict[str, int]] = field(default_factory=list)
    cash_movements: list[dict[str, Any]] = field(default_factory=list)
    cash_expected_minor: int = 0
    cash_counted_minor: int | None = None
    difference_minor: int | None = None
    fiscal: dict[str, int] = field(default_factory=dict)
    training: int = 0
    aborted: int = 0
    age_refused: int = 0


@dataclass(frozen=True)
class AgeRefusal:
    """An article that somebody wanted and did not get, as the age was not proven."""

    sku: str
    cashier: str | None
    at: datetime
    receipt_number: str


def gross_by_rate(lines: list[Any], returns: list[Any]) -> dict[int, int]:
    """Return the gross amount of a receipt by VAT rate; returned goods count below 0."""
    gross: Counter[int] = Counter()
    for line in lines:
        gross[line["vat_basis_points"]] += line["line_minor"]
    for part in returns:
        gross[part["vat_basis_points"]] -= part["amount_minor"]
    return dict(sorted(gross.items()))


def of(session: Session, row: TillSession) -> Report:
    """Return the report of a session as its books stand."""
    query = select(TillReceipt).where(TillReceipt.session == row.id)
    receipts = list(session.scalars(query.order_by(TillReceipt.sold_at, TillReceipt.id)))
    real = [one for one in receipts if one.kind not in _UNREAL]
    numbers = sorted(one.number for one in real if one.number is not None)
    report = Report(
        session_id=row.session_id,
        device=row.device,
        location=row.location,
        state=row.state,
        z_number=row.z_number,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        opening_minor=row.opening_minor,
        cashier=row.cashier,
        counted_by=row.counted_by,
        note=row.note,
        receipts={
            "first": numbers[0] if numbers else None,
            "last": numbers[-1] if numbers else None,
            "count": len(real),
            "missing": [],
        },
        training=sum(one.kind == "training" for one in receipts),
        aborted=sum(one.kind == "aborted" for one in receipts),
        age_refused=len(_refusals(receipts)),
    )
    _sum(report, real)
    _drawer(session, report, row)
    _signatures(session, report, row)
    return report


def _refusals(receipts: list[TillReceipt]) -> list[AgeRefusal]:
    return [
        AgeRefusal(sku, one.cashier, one.sold_at, one.receipt_number)
        for one in receipts
        if one.kind != "training"
        for sku in one.document.get("age_refused", ())
    ]


def age_refusals(session: Session, row: TillSession) -> list[AgeRefusal]:
    """Return what was not sold in a session for want of a proven age (JuSchG section 2 (2))."""
    query = select(TillReceipt).where(TillReceipt.session == row.id)
    return _refusals(list(session.scalars(query.order_by(TillReceipt.sold_at, TillReceipt.id))))


def latest(session: Session, row: TillSession, limit: int) -> list[TillReceipt]:
    """Return the last receipts of a session, at most `limit`, the newest first."""
    query = select(TillReceipt).where(TillReceipt.session == row.id)
    newest = query.order_by(TillReceipt.sold_at.desc(), TillReceipt.id.desc())
    return list(session.scalars(newest.limit(limit)))


def _sum(report: Report, receipts: list[TillReceipt]) -> None:
    gross: Counter[int] = Counter()
    taxes: Counter[int] = Counter()
    paid: Counter[str] = Counter()
    back: Counter[str] = Counter()
    for one in receipts:
        report.sales_minor += sum(line["line_minor"] for line in one.lines)
        report.returns_minor += sum(part["amount_minor"] for part in one.returns)
        report.discounts_minor += sum(line["discount_minor"] for line in one.lines)
        # VAT is rounded per receipt, as it is printed: the sums are those of the receipts.
        for rate, amount in gross_by_rate(one.lines, one.returns).items():
            gross[rate] += amount
            taxes[rate] += vat_within(amount, rate)
        for tender in one.tenders:
            amount = tender["amount_minor"]
            (paid if amount >= 0 else back)[tender["method"]] += abs(amount)
    report.total_minor = report.sales_minor - report.returns_minor
    report.vat = [
        {
            "rate_basis_points": rate,
            "gross_minor": gross[rate],
            "net_minor": gross[rate] - taxes[rate],
            "vat_minor": taxes[rate],
        }
        for rate in sorted(gross)
    ]
    report.by_method = [
        {
            "method": method,
            "in_minor": paid[method],
            "out_minor": back[method],
            "amount_minor": paid[method] - back[method],
        }
        for method in sorted({*paid, *back})
    ]


def _drawer(session: Session, report: Report, row: TillSession) -> None:
    entries = cash.entries(session, row.id)
    report.cash_expected_minor = sum(
        one.amount_minor for one in entries if one.kind != "difference"
    )
    report.cash_movements = [
        {
            "kind": one.kind,
            "amount_minor": one.amount_minor,
            "reason": one.reason,
            "cashier": one.cashier,
            "moved_at": one.happened_at,
        }
        for one in entries
        if one.kind in cash.BY_HAND
    ]
    report.cash_counted_minor = row.counted_minor
    if row.state == "closed" and row.counted_minor is not None:
        report.difference_minor = row.counted_minor - report.cash_expected_minor


def _signatures(session: Session, report: Report, row: TillSession) -> None:
    query = (
        select(func.count(FiscalRecord.signature), func.count(FiscalRecord.outage))
        .join(TillReceipt, TillReceipt.id == FiscalRecord.receipt)
        .where(TillReceipt.session == row.id)
    )
    signed, out = session.execute(query).one()
    report.fiscal = {"signed": signed, "outages": out}


def plain(report: Report) -> dict[str, Any]:
    """Return a report as JSON keeps it."""

    def written(value: Any) -> Any:
        if isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, dict):
            return {name: written(one) for name, one in value.items()}
        if isinstance(value, list):
            return [written(one) for one in value]
        return value

    facts: dict[str, Any] = written(asdict(report))
    return facts
