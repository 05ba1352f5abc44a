CREATE SEQUENCE stock_movement_ids;

CREATE TABLE stock_months (
  month DATE NOT NULL,
  closed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  movements BIGINT NOT NULL,
  units BIGINT NOT NULL,
  detached_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_stock_months PRIMARY KEY (month)
);

CREATE TABLE stock_closings (
  month DATE NOT NULL,
  sku VARCHAR(64) NOT NULL,
  account VARCHAR(16) NOT NULL,
  location VARCHAR(32) NOT NULL,
  opening BIGINT NOT NULL,
  quantity BIGINT NOT NULL,
  CONSTRAINT pk_stock_closings PRIMARY KEY (sku, account, location, month),
  CONSTRAINT fk_stock_closings_month FOREIGN KEY(month) REFERENCES stock_months (month)
);

CREATE INDEX ix_stock_closings_month ON stock_closings (month);

CREATE TABLE stock_movement_keys (
  digest UUID NOT NULL,
  movement_id BIGINT NOT NULL,
  booked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_stock_movement_keys PRIMARY KEY (digest)
);

ALTER TABLE stock_movements RENAME TO stock_movements_before;
ALTER TABLE stock_movements_before DROP CONSTRAINT pk_stock_movements;
ALTER TABLE stock_movements_before DROP CONSTRAINT uq_stock_movements_key;
DROP INDEX ix_stock_movements_sku_id;

CREATE TABLE stock_movements (
  id BIGINT DEFAULT nextval('stock_movement_ids') NOT NULL,
  sku VARCHAR(64) NOT NULL,
  quantity INTEGER NOT NULL,
  from_account VARCHAR(16) NOT NULL,
  from_location VARCHAR(32),
  to_account VARCHAR(16) NOT NULL,
  to_location VARCHAR(32),
  lot VARCHAR(64),
  cause VARCHAR(32) NOT NULL,
  document TEXT NOT NULL,
  actor TEXT NOT NULL,
  channel VARCHAR(16) NOT NULL,
  moved_at TIMESTAMP WITH TIME ZONE NOT NULL,
  booked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  key VARCHAR(128) NOT NULL,
  CONSTRAINT pk_stock_movements PRIMARY KEY (id, booked_at),
  CONSTRAINT ck_stock_movements_quantity CHECK (quantity > 0),
  CONSTRAINT ck_stock_movements_accounts CHECK (from_account IN ('shelf', 'quarantine', 'transit', 'supplier', 'customer', 'variance', 'loss') AND to_account IN ('shelf', 'quarantine', 'transit', 'supplier', 'customer', 'variance', 'loss')),
  CONSTRAINT ck_stock_movements_moves CHECK ((from_account, coalesce(from_location, '')) <> (to_account, coalesce(to_location, ''))),
  CONSTRAINT ck_stock_movements_from CHECK ((from_account IN ('shelf', 'quarantine', 'transit')) = (from_location IS NOT NULL)),
  CONSTRAINT ck_stock_movements_to CHECK ((to_account IN ('shelf', 'quarantine', 'transit')) = (to_location IS NOT NULL))
) PARTITION BY RANGE (booked_at);

CREATE INDEX ix_stock_movements_sku_id ON stock_movements (sku, id);

SELECT open_stock_month(month::date)
FROM (
  SELECT DISTINCT date_trunc('month', booked_at AT TIME ZONE 'UTC') AS month
  FROM stock_movements_before
) AS seen;

INSERT INTO stock_movements (
  id, sku, quantity, from_account, from_location, to_account, to_location, cause, document,
  actor, channel, moved_at, booked_at, key
)
SELECT id, sku, quantity, from_account, from_location, to_account, to_location, cause, document,
  actor, channel, moved_at, booked_at, key
FROM stock_movements_before ORDER BY id;

INSERT INTO stock_movement_keys (digest, movement_id, booked_at)
SELECT encode(substr(sha256(convert_to(key, 'UTF8')), 1, 16), 'hex')::uuid, id, booked_at
FROM stock_movements_before;

SELECT setval('stock_movement_ids', max(id)) FROM stock_movements_before HAVING max(id) IS NOT NULL;
DROP TABLE stock_movements_before;

ALTER TABLE stock_balances ADD COLUMN doubt INTEGER DEFAULT 0 NOT NULL;
ALTER TABLE stock_balances ADD COLUMN backordered INTEGER DEFAULT 0 NOT NULL;
-- PostgreSQL reads every CHECK of a table anew for each statement that writes to it: two, not nine.
ALTER TABLE stock_balances
  DROP CONSTRAINT ck_stock_balances_on_hand,
  DROP CONSTRAINT ck_stock_balances_quarantined,
  DROP CONSTRAINT ck_stock_balances_reserved,
  DROP CONSTRAINT ck_stock_balances_allocated,
  DROP CONSTRAINT ck_stock_balances_picked,
  DROP CONSTRAINT ck_stock_balances_safety_stock,
  DROP CONSTRAINT ck_stock_balances_in_transit,
  ADD CONSTRAINT ck_stock_balances_not_negative CHECK (LEAST(quarantined, reserved, picked, allocated - picked, in_transit, safety_stock, doubt, backordered) >= 0);
ALTER TABLE stock_balances DROP CONSTRAINT pk_stock_balances;
ALTER TABLE stock_balances ADD CONSTRAINT pk_stock_balances PRIMARY KEY (sku, location);
DROP INDEX ix_stock_balances_sku;
-- Balances change all the time and no index knows of it: leave each page room for that.
ALTER TABLE stock_balances SET (fillfactor = 75);

ALTER TABLE stock_reservations DROP CONSTRAINT fk_stock_reservations_location;
ALTER TABLE stock_reservations
  DROP CONSTRAINT ck_stock_reservations_quantity,
  DROP CONSTRAINT ck_stock_reservations_state,
  DROP CONSTRAINT ck_stock_reservations_ended,
  ADD CONSTRAINT ck_stock_reservations_state CHECK (quantity > 0 AND CASE WHEN ended_at IS NULL THEN state = 'held' ELSE state IN ('claimed', 'released', 'expired', 'lost') END);
DROP INDEX ix_stock_reservations_held;
CREATE INDEX ix_stock_reservations_held ON stock_reservations (sku, location, expires_at) WHERE state = 'held';

ALTER TABLE stock_allocations DROP CONSTRAINT fk_stock_allocations_location;
DROP INDEX ix_stock_allocations_live;
CREATE INDEX ix_stock_allocations_live ON stock_allocations (sku, location) WHERE state IN ('open', 'picked');
