"""The way back into the shop: the page behind the QR code of the card in a parcel."""

from app.web.community import card
from app.web.community.room import blueprint

__all__ = ["blueprint", "card"]
