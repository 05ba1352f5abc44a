"""After the sale: withdrawals that were declared, and goods that are to come back."""
