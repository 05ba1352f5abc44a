"""Where stock is and how it reaches people: the ledger, availability, routing, picking and parcels."""
