-- Tills: pairing, sessions, cash, signed receipts, conflicts to look at.
SELECT 1;
