-- What the shop still lacked.
SELECT 1;
