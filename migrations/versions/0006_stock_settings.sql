CREATE TABLE stock_settings (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  location VARCHAR(32) NOT NULL,
  sku VARCHAR(64) NOT NULL,
  safety_stock INTEGER NOT NULL,
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  set_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_stock_settings PRIMARY KEY (id),
  CONSTRAINT ck_stock_settings_safety_stock CHECK (safety_stock >= 0),
  CONSTRAINT fk_stock_settings_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE INDEX ix_stock_settings_place ON stock_settings (sku, location, id);

CREATE TABLE stock_surprises (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  location VARCHAR(32) NOT NULL,
  sku VARCHAR(64) NOT NULL,
  cause VARCHAR(32) NOT NULL,
  difference INTEGER NOT NULL,
  reason VARCHAR(32),
  document TEXT NOT NULL,
  actor TEXT NOT NULL,
  seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_stock_surprises PRIMARY KEY (id),
  CONSTRAINT ck_stock_surprises_reason CHECK (reason IS NULL OR cause = 'count'),
  CONSTRAINT fk_stock_surprises_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE INDEX ix_stock_surprises_place ON stock_surprises (sku, location, id);
CREATE INDEX ix_stock_surprises_counts ON stock_surprises (location, seen_at) WHERE cause = 'count';

CREATE TABLE stock_repairs (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  location VARCHAR(32) NOT NULL,
  sku VARCHAR(64) NOT NULL,
  term VARCHAR(16) NOT NULL,
  booked INTEGER NOT NULL,
  summed INTEGER NOT NULL,
  movement_id BIGINT,
  actor TEXT NOT NULL,
  repaired_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_stock_repairs PRIMARY KEY (id),
  CONSTRAINT ck_stock_repairs_differs CHECK (booked <> summed),
  CONSTRAINT fk_stock_repairs_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE INDEX ix_stock_repairs_place ON stock_repairs (sku, location);

CREATE TABLE stock_checks (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  balances INTEGER NOT NULL,
  drifted INTEGER NOT NULL,
  actor TEXT NOT NULL,
  checked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_stock_checks PRIMARY KEY (id),
  CONSTRAINT ck_stock_checks_counts CHECK (balances >= 0 AND drifted >= 0)
);

-- Safety stocks that were set by hand before get a first entry, so that the proof has its rows.
INSERT INTO stock_settings (location, sku, safety_stock, reason, actor, set_at)
SELECT location, sku, safety_stock, 'carried over', 'migration', changed_at
FROM stock_balances WHERE safety_stock > 0
ORDER BY sku, location;
