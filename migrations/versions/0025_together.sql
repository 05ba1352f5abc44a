-- What suggesting at the counter and fast serving need.
SELECT 1;
