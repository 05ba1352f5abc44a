"""What there is: the ledger, its balances and months, counts, trust, and what is available when."""
