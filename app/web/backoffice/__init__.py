"""The back office: split shipments, orders and their story, stock that explains itself."""

from app.web.backoffice import (
    backorders,
    board,
    decisions,
    desk,
    incoming,
    orders,
    overriding,
    promises,
    questions,
    recalls,
    reconciling,
    setups,
    sign_in,
    stock,
    stock_changes,
)
from app.web.backoffice.room import blueprint

__all__ = [
    "backorders",
    "blueprint",
    "board",
    "decisions",
    "desk",
    "incoming",
    "orders",
    "overriding",
    "promises",
    "questions",
    "recalls",
    "reconciling",
    "setups",
    "sign_in",
    "stock",
    "stock_changes",
]
