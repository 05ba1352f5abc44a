"""How often promotions were used: counted within their limits, freed, counted again.

A limit holds under any number of buyers: who uses a limited promotion holds its row while counting.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import Select, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog.promotion_models import Promotion, PromotionUse
from kit import clock
from kit.errors import Refused


def use(
    session: Session, saved: Mapping[str, int], *, order_ref: str, customer_number: str | None
) -> None:
    """Note that an order uses promotions, within their limits; once per order and promotion.

    Args:
        session: the transaction that makes the order.
        saved: reference → minor units that it took off.

    Raises:
        Refused: ``promotion_used_up``: another buyer was quicker.
    """
    if not saved:
        return
    # In the order of their references, so that two orders never wait for each other.
    query = select(Promotion).where(Promotion.ref.in_(saved)).order_by(Promotion.ref)
    limited = or_(Promotion.limit_total.is_not(None), Promotion.limit_per_customer.is_not(None))
    rows = session.scalars(query.where(limited).with_for_update()).all()
    counted = used(session, [row.ref for row in rows], customer_number) if rows else {}
    for row in rows:
        if used_up(row, counted.get(row.ref, (0, 0))):
            raise Refused("promotion_used_up", promotion=row.ref)
    _note(session, saved, order_ref, customer_number, uses=1)


def note_use(
    session: Session, saved: Mapping[str, int], *, order_ref: str, customer_number: str | None
) -> None:
    """Note what has been given already, beyond any limit: a sale at the till stands."""
    if saved:
        _note(session, saved, order_ref, customer_number, uses=1)


def give_back(session: Session, order_ref: str) -> None:
    """Free what an order used that never came about; a second time changes nothing."""
    rows = session.scalars(
        select(PromotionUse).where(PromotionUse.order_ref == order_ref, PromotionUse.uses == 1)
    ).all()
    for row in rows:
        saved = {row.promotion: -row.saved_minor}
        _note(session, saved, order_ref, row.customer_number, uses=-1)


def use_again(session: Session, order_ref: str) -> list[str]:
    """Count what an order used that had lapsed and came about after all; again changes nothing.

    The price was promised and is paid, so a limit may be passed by it; whoever comes next finds it
    used up.

    Returns:
        References of the promotions that are over their limit by this.
    """
    rows = session.scalars(
        select(PromotionUse).where(PromotionUse.order_ref == order_ref).order_by(PromotionUse.id)
    ).all()
    open_uses: Counter[str] = Counter()
    for row in rows:
        open_uses[row.promotion] += row.uses
    first = {row.promotion: row for row in rows if row.uses == 1}
    late = sorted(ref for ref in first if not open_uses[ref])
    if not late:
        return []
    limited = session.scalars(
        select(Promotion).where(Promotion.ref.in_(late)).order_by(Promotion.ref).with_for_update()
    ).all()
    number = first[late[0]].customer_number
    counted = used(session, late, number)
    over = [row.ref for row in limited if used_up(row, counted.get(row.ref, (0, 0)))]
    saved = {ref: first[ref].saved_minor for ref in late}
    _note(session, saved, order_ref, number, uses=1, word="again")
    return over


def used_up(row: Promotion, counted: tuple[int, int]) -> bool:
    """Tell whether a limit is reached: `counted` as `used` gives it."""
    total, own = counted
    return (row.limit_total is not None and total >= row.limit_total) or (
        row.limit_per_customer is not None and own >= row.limit_per_customer
    )


def used(
    session: Session, refs: Sequence[str], customer_number: str | None
) -> dict[str, tuple[int, int]]:
    """Return per promotion how often it was used in all, and by this customer."""
    own = func.sum(PromotionUse.uses).filter(PromotionUse.customer_number == customer_number)
    query: Select[str, int, int] = (
        select(PromotionUse.promotion, func.sum(PromotionUse.uses), func.coalesce(own, 0))
        .where(PromotionUse.promotion.in_(refs))
        .group_by(PromotionUse.promotion)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in session.execute(query)}


def _note(
    session: Session,
    saved: Mapping[str, int],
    order_ref: str,
    customer_number: str | None,
    *,
    uses: int,
    word: str | None = None,
) -> None:
    word = word or ("use" if uses > 0 else "back")
    rows = [
        {
            "promotion": ref,
            "order_ref": order_ref,
            "customer_number": customer_number,
            "uses": uses,
            "saved_minor": minor,
            "used_at": clock.now(),
            "key": f"{word}/{order_ref}/{ref}",
        }
        for ref, minor in sorted(saved.items())
    ]
    session.execute(insert(PromotionUse).values(rows).on_conflict_do_nothing())
