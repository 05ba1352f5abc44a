"""Withdrawals: received for good, receipted at once, carried out where the case is clear.

1. `declare` keeps the declaration and writes its receipt, in one transaction (section 356a (4)).
2. Whoever comes from the order's own page has shown that the order is theirs: what nobody picks
   yet is cancelled and refunded at once. Everything else is for the back office to see to.
3. The order's state and the period never stand in the way of a declaration.
"""

from uuid import UUID

from sqlalchemy.orm import Session

from app.aftersales import withdrawals
from app.aftersales.models import Withdrawal
from app.aftersales.withdrawals import Declaration
from app.i18n.formats import stamp_full
from app.messages import account_letters
from app.messages.account_letters import PersonalMail
from app.sales import orders
from app.sales.models import Order
from app.workflows import cancel_order
from kit.database import transaction
from kit.errors import NotFound


def declare(declared: Declaration, *, language: str, key: str, proven: bool = False) -> Withdrawal:
    """Receive a declaration; the same key again returns the one that was received.

    Args:
        declared: as it was typed.
        language: of who declares.
        key: of the form that was sent.
        proven: they came with the order's own link, or are signed in as its customer.
    """
    with transaction() as session:
        order = _meant(session, declared, proven=proven)
        row, is_new = withdrawals.receive(
            session,
            declared,
            order_ref=order.ref if order else None,
            language=language,
            key=key,
        )
        if not is_new:
            return row
        _receipt(session, row)
        if order is not None:
            orders.note(
                session,
                order.ref,
                "withdrawal_received",
                "customer",
                number=row.number,
                withdrawn=declared.what,
                lines=list(declared.lines),
            )
        if order is not None and proven:
            stop(session, order, row, actor="kontor")
            lines = orders.lines_of(session, order)
            if all(line.cancelled == line.quantity for line in lines):
                withdrawals.note(session, row.number, "done", "", "kontor")
        return row


def _meant(session: Session, declared: Declaration, *, proven: bool) -> Order | None:
    """Return the order that is meant, where the declaration comes from its mail address.

    A stranger's declaration is kept just the same, but shows on nobody's order page.
    """
    try:
        order = orders.by_ref(session, declared.order_ref.strip().upper(), lock=True)
    except NotFound:
        return None
    same = (order.email or "").casefold() == declared.email.casefold()
    return order if proven or same else None


def _receipt(session: Session, row: Withdrawal) -> None:
    facts = {
        "number": row.number,
        "name": row.name,
        "email": row.email,
        "order_ref": row.typed_ref,
        "what": row.what,
        "lines": row.lines,
        "received": stamp_full(row.received_at),
    }
    mail = PersonalMail(
        "withdrawal_received", row.email, row.language, facts, order_ref=row.order_ref
    )
    account_letters.write(session, mail, key=f"withdrawal/{row.number}")


def stop(session: Session, order: Order, row: Withdrawal, *, actor: str) -> int:
    """Cancel what is withdrawn from and nobody picks yet; return what goes back, minor units.

    Args:
        session: the open transaction.
        order: locked.
        row: the withdrawal.
        actor: who does it; ``kontor`` where it follows by itself.
    """
    # Goods that are named only in words are for people to understand.
    if row.what and not row.lines:
        return 0
    can = cancel_order.cancellable(session, order)
    meant = {UUID(line["line_id"]): int(line["quantity"]) for line in row.lines}
    units = {
        line: min(most, meant.get(line, 0)) if row.lines else most for line, most in can.items()
    }
    units = {line: count for line, count in units.items() if count}
    if not units:
        return 0
    done = cancel_order.cancel_in(
        session, order, units, key=f"withdrawal/{row.number}", by="customer"
    )
    withdrawals.note(session, row.number, "cancelled", "", actor)
    return done.refund_minor
