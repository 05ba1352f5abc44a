-- What the shop got.
SELECT 1;
