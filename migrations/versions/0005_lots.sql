CREATE SEQUENCE recall_numbers;

CREATE TABLE sku_rules (
  sku VARCHAR(64) NOT NULL,
  tracking VARCHAR(8),
  recalled BOOLEAN NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  changed_by TEXT NOT NULL,
  CONSTRAINT pk_sku_rules PRIMARY KEY (sku),
  CONSTRAINT ck_sku_rules_tracking CHECK (tracking IN ('lot', 'serial'))
);

CREATE TABLE lots (
  sku VARCHAR(64) NOT NULL,
  lot VARCHAR(64) NOT NULL,
  best_before DATE,
  first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_lots PRIMARY KEY (sku, lot),
  CONSTRAINT fk_lots_sku FOREIGN KEY(sku) REFERENCES sku_rules (sku)
);

-- Whoever locks a place knows what its SKU asks for.
ALTER TABLE stock_balances ADD COLUMN tracking VARCHAR(8);
ALTER TABLE stock_balances ADD COLUMN recalled BOOLEAN DEFAULT false NOT NULL;

CREATE TABLE stock_lots (
  sku VARCHAR(64) NOT NULL,
  location VARCHAR(32) NOT NULL,
  lot VARCHAR(64) NOT NULL,
  serial BOOLEAN NOT NULL,
  on_hand INTEGER NOT NULL,
  quarantined INTEGER NOT NULL,
  in_transit INTEGER NOT NULL,
  CONSTRAINT pk_stock_lots PRIMARY KEY (sku, location, lot),
  CONSTRAINT fk_stock_lots_sku_lot FOREIGN KEY(sku, lot) REFERENCES lots (sku, lot),
  CONSTRAINT fk_stock_lots_sku_location FOREIGN KEY(sku, location) REFERENCES stock_balances (sku, location),
  CONSTRAINT ck_stock_lots_on_hand CHECK (lot = '?' OR (on_hand >= 0 AND quarantined <= on_hand)),
  CONSTRAINT ck_stock_lots_held CHECK (quarantined >= 0 AND in_transit >= 0),
  CONSTRAINT ck_stock_lots_serial CHECK (NOT serial OR lot = '?' OR on_hand + in_transit <= 1),
  CONSTRAINT one_place_per_serial EXCLUDE USING btree (sku WITH =, lot WITH =) WHERE (serial AND lot <> '?' AND on_hand + in_transit > 0) DEFERRABLE INITIALLY IMMEDIATE
);

CREATE TABLE stock_lot_closings (
  month DATE NOT NULL,
  sku VARCHAR(64) NOT NULL,
  lot VARCHAR(64) NOT NULL,
  account VARCHAR(16) NOT NULL,
  location VARCHAR(32) NOT NULL,
  quantity BIGINT NOT NULL,
  CONSTRAINT pk_stock_lot_closings PRIMARY KEY (month, sku, lot, account, location),
  CONSTRAINT fk_stock_lot_closings_month FOREIGN KEY(month) REFERENCES stock_months (month)
);

CREATE TABLE recalls (
  id UUID NOT NULL,
  number BIGINT DEFAULT nextval('recall_numbers') NOT NULL,
  sku VARCHAR(64) NOT NULL,
  lots VARCHAR(64)[],
  reason TEXT NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  opened_by TEXT NOT NULL,
  closed_at TIMESTAMP WITH TIME ZONE,
  closed_by TEXT,
  result VARCHAR(16),
  CONSTRAINT pk_recalls PRIMARY KEY (id),
  CONSTRAINT uq_recalls_number UNIQUE (number),
  CONSTRAINT ck_recalls_lots CHECK (cardinality(lots) > 0),
  CONSTRAINT ck_recalls_result CHECK (result IN ('released', 'destroyed', 'returned', 'kept')),
  CONSTRAINT ck_recalls_closed CHECK ((closed_at IS NULL) = (result IS NULL) AND (closed_at IS NULL) = (closed_by IS NULL)),
  CONSTRAINT fk_recalls_sku FOREIGN KEY(sku) REFERENCES sku_rules (sku)
);

CREATE INDEX ix_recalls_open ON recalls (sku) WHERE closed_at IS NULL;

-- The lot is bound to the units that a picker takes, and follows them into the parcel.
ALTER TABLE stock_allocations ADD COLUMN lot VARCHAR(64);
-- So does the receipt.
ALTER TABLE order_lines ADD COLUMN lot VARCHAR(64);

CREATE INDEX ix_stock_movements_lot ON stock_movements (sku, lot) WHERE lot IS NOT NULL;
