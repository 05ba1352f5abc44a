"""Baskets and orders: what a customer wants and what was agreed."""
