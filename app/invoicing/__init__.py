"""Invoices and their corrections: gapless numbers, what was printed, and the paper itself."""
