-- What the back office works with.
SELECT 1;
