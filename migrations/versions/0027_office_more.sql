-- What the office got.
SELECT 1;
