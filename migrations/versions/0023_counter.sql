-- What the counter still lacked: offers, letters of the till.
SELECT 1;
