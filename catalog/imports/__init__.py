"""Goods, prices and links as tables: looked at first, then taken over; and written out again."""
