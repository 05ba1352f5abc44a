-- What a product page tells: variants, what to compare, product safety.
SELECT 1;
