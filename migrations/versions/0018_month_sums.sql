ALTER TABLE stock_months ADD COLUMN standing NUMERIC(40, 0) DEFAULT 0 NOT NULL;

UPDATE stock_months SET standing = summed.standing
FROM (
  SELECT month, sum((stock_month_closed(month)).standing) OVER (ORDER BY month) AS standing
  FROM stock_months
) AS summed
WHERE summed.month = stock_months.month;
