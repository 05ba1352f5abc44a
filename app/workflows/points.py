"""Points: earned when goods have left us or were carried out of the shop, on any channel."""

from sqlalchemy.orm import Session

from app.events import OrderCompleted
from app.sales import orders
from app.sales.models import Order
from loyalty import points


def earn_for_order(session: Session, event: OrderCompleted) -> None:
    """Book the points of a completed order (handler of `OrderCompleted`)."""
    order = orders.by_ref(session, event.order_ref)
    earn(session, order)


def earn(session: Session, order: Order) -> int:
    """Book points for what was shipped of an order and return how many; none without a number."""
    if order.customer_number is None:
        return 0
    earned = points.points_for(orders.shipped_minor(session, order))
    if earned and points.earn(
        session,
        number=order.customer_number,
        points=earned,
        cause="purchase",
        document=order.ref,
        key=f"earn/{order.ref}",
    ):
        orders.note(session, order.ref, "points_earned", "kontor", points=earned)
    return earned


def earn_at_once(session: Session, order: Order) -> int:
    """Book points for goods that were carried out of the shop and return how many.

    The order is being written in this transaction; its timeline is the caller's.
    """
    if order.customer_number is None:
        return 0
    earned = points.points_for(order.goods_minor)
    if earned:
        points.earn(
            session,
            number=order.customer_number,
            points=earned,
            cause="purchase",
            document=order.ref,
            key=f"earn/{order.ref}",
        )
    return earned


def earned(session: Session, order: Order) -> int:
    """Return how many points an order has already earned."""
    return points.earned_by(session, key=f"earn/{order.ref}")
