"""The back office: split shipments, orders and their story, stock that explains itself."""

from app.web.backoffice import (
    backorders,
    board,
    desk,
    incoming,
    orders,
    recalls,
    reconciling,
    sign_in,
    stock,
    stock_changes,
)
from app.web.backoffice.room import blueprint

__all__ = [
    "backorders",
    "blueprint",
    "board",
    "desk",
    "incoming",
    "orders",
    "recalls",
    "reconciling",
    "sign_in",
    "stock",
    "stock_changes",
]
