"""Who sells, for the rooms of the web."""

from app.legal.retailer import RETAILER, Retailer

__all__ = ["RETAILER", "Retailer"]
