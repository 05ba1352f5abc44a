"""Replay a real retailer's books through the shop's own workflows: a year of orders in an hour."""
