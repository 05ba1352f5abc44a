-- Fingerprints of the months of the stock ledger.
SELECT 1;
