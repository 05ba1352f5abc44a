"""The back office: split shipments, orders and their story, stock that explains itself."""

from app.web.backoffice import board, desk, orders, sign_in, stock
from app.web.backoffice.room import blueprint

__all__ = ["blueprint", "board", "desk", "orders", "sign_in", "stock"]
