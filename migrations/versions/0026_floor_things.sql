-- What the floor got beside orders.
SELECT 1;
