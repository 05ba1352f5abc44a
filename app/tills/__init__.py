"""Tills: pairing and PINs, sessions and cash, receipts and their signatures, what needs a look."""
