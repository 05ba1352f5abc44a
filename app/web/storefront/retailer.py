"""Who sells: the shop's pages ask here."""

from app.web.retailer import RETAILER, Retailer

__all__ = ["RETAILER", "Retailer"]
