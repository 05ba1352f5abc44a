-- Baskets of known customers, goods put aside in a store, prices that were seen.
SELECT 1;
