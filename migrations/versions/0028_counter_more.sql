-- What the counter got.
SELECT 1;
