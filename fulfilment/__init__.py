"""Where stock is and how it reaches people: ledger, availability, routing, picking, parcels."""
