"""The back office: split shipments, orders and their story, stock that explains itself."""

from app.web.backoffice import (
    asked,
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
    synonyms,
)
from app.web.backoffice.room import blueprint

__all__ = [
    "asked",
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
    "synonyms",
]
