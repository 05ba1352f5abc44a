-- Tills: pairing, sessions, cash, signed receipts, conflicts to look at.
ALTER TABLE devices ADD COLUMN own_numbers BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE devices ALTER COLUMN own_numbers DROP DEFAULT;
ALTER TABLE devices ADD COLUMN reader VARCHAR(255);

CREATE TABLE till_pairings (
  id UUID NOT NULL,
  code_hash VARCHAR(64) NOT NULL,
  device VARCHAR(32) NOT NULL,
  name TEXT NOT NULL,
  location VARCHAR(32) NOT NULL,
  made_by TEXT NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_till_pairings PRIMARY KEY (id),
  CONSTRAINT uq_till_pairings_code_hash UNIQUE (code_hash),
  CONSTRAINT fk_till_pairings_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE TABLE till_cashiers (
  staff_id UUID NOT NULL,
  code VARCHAR(8) NOT NULL,
  salt VARCHAR(32) NOT NULL,
  iterations INTEGER NOT NULL,
  proof VARCHAR(64) NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_till_cashiers PRIMARY KEY (staff_id),
  CONSTRAINT fk_till_cashiers_staff_id FOREIGN KEY(staff_id) REFERENCES staff (id),
  CONSTRAINT uq_till_cashiers_code UNIQUE (code)
);

CREATE TABLE till_sessions (
  id UUID NOT NULL,
  session_id VARCHAR(64) NOT NULL,
  device VARCHAR(32) NOT NULL,
  location VARCHAR(32) NOT NULL,
  state VARCHAR(8) NOT NULL,
  automatic BOOLEAN NOT NULL,
  cashier VARCHAR(8),
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  opening_minor BIGINT NOT NULL,
  counted_minor BIGINT,
  counts JSONB,
  counted_by VARCHAR(8),
  note TEXT NOT NULL,
  closed_at TIMESTAMP WITH TIME ZONE,
  last_number INTEGER,
  z_number INTEGER,
  report JSONB,
  CONSTRAINT pk_till_sessions PRIMARY KEY (id),
  CONSTRAINT ck_till_sessions_state CHECK (state IN ('open', 'waiting', 'closed')),
  CONSTRAINT ck_till_sessions_closed CHECK ((state = 'closed') = (z_number IS NOT NULL)),
  CONSTRAINT ck_till_sessions_counted CHECK ((state = 'open') = (counted_minor IS NULL)),
  CONSTRAINT ck_till_sessions_amounts CHECK (opening_minor >= 0 AND counted_minor >= 0),
  CONSTRAINT uq_till_sessions_device_z_number UNIQUE (device, z_number),
  CONSTRAINT uq_till_sessions_session_id UNIQUE (session_id),
  CONSTRAINT fk_till_sessions_device FOREIGN KEY(device) REFERENCES devices (code),
  CONSTRAINT fk_till_sessions_location FOREIGN KEY(location) REFERENCES locations (code)
);
CREATE INDEX ix_till_sessions_device ON till_sessions (device, opened_at);

CREATE TABLE till_receipts (
  id UUID NOT NULL,
  sale_id VARCHAR(64) NOT NULL,
  digest VARCHAR(64) NOT NULL,
  device VARCHAR(32) NOT NULL,
  location VARCHAR(32) NOT NULL,
  session UUID NOT NULL,
  number INTEGER,
  receipt_number VARCHAR(48) NOT NULL,
  kind VARCHAR(8) NOT NULL,
  voids VARCHAR(64),
  order_ref VARCHAR(32),
  home_ref VARCHAR(32),
  cashier VARCHAR(8),
  customer_number VARCHAR(16),
  started_at TIMESTAMP WITH TIME ZONE NOT NULL,
  sold_at TIMESTAMP WITH TIME ZONE NOT NULL,
  booked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  offline BOOLEAN NOT NULL,
  total_minor BIGINT NOT NULL,
  token VARCHAR(48) NOT NULL,
  document JSONB NOT NULL,
  lines JSONB NOT NULL,
  returns JSONB NOT NULL,
  tenders JSONB NOT NULL,
  CONSTRAINT pk_till_receipts PRIMARY KEY (id),
  CONSTRAINT ck_till_receipts_kind CHECK (kind IN ('sale', 'return', 'exchange', 'void', 'training')),
  CONSTRAINT uq_till_receipts_device_number UNIQUE (device, number),
  CONSTRAINT uq_till_receipts_sale_id UNIQUE (sale_id),
  CONSTRAINT fk_till_receipts_device FOREIGN KEY(device) REFERENCES devices (code),
  CONSTRAINT fk_till_receipts_location FOREIGN KEY(location) REFERENCES locations (code),
  CONSTRAINT fk_till_receipts_session FOREIGN KEY(session) REFERENCES till_sessions (id),
  CONSTRAINT uq_till_receipts_receipt_number UNIQUE (receipt_number),
  CONSTRAINT uq_till_receipts_voids UNIQUE (voids),
  CONSTRAINT uq_till_receipts_token UNIQUE (token)
);
CREATE INDEX ix_till_receipts_home_ref ON till_receipts (home_ref);
CREATE INDEX ix_till_receipts_order_ref ON till_receipts (order_ref);
CREATE INDEX ix_till_receipts_session ON till_receipts (session);

CREATE TABLE till_cash_entries (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  session UUID NOT NULL,
  device VARCHAR(32) NOT NULL,
  kind VARCHAR(12) NOT NULL,
  amount_minor BIGINT NOT NULL,
  reason TEXT NOT NULL,
  cashier VARCHAR(8),
  document VARCHAR(64) NOT NULL,
  happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  booked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  key VARCHAR(128) NOT NULL,
  CONSTRAINT pk_till_cash_entries PRIMARY KEY (id),
  CONSTRAINT ck_till_cash_entries_kind CHECK (kind IN ('opening', 'sale', 'refund', 'deposit', 'payout', 'bank', 'tip', 'difference')),
  CONSTRAINT fk_till_cash_entries_session FOREIGN KEY(session) REFERENCES till_sessions (id),
  CONSTRAINT fk_till_cash_entries_device FOREIGN KEY(device) REFERENCES devices (code),
  CONSTRAINT uq_till_cash_entries_key UNIQUE (key)
);
CREATE INDEX ix_till_cash_entries_session ON till_cash_entries (session);

CREATE TABLE till_conflicts (
  id UUID NOT NULL,
  device VARCHAR(32) NOT NULL,
  location VARCHAR(32) NOT NULL,
  document VARCHAR(64) NOT NULL,
  receipt_number VARCHAR(48) NOT NULL,
  kind VARCHAR(32) NOT NULL,
  facts JSONB NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  closed_at TIMESTAMP WITH TIME ZONE,
  closed_by TEXT,
  note TEXT NOT NULL,
  CONSTRAINT pk_till_conflicts PRIMARY KEY (id),
  CONSTRAINT ck_till_conflicts_closed CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
  CONSTRAINT fk_till_conflicts_device FOREIGN KEY(device) REFERENCES devices (code),
  CONSTRAINT fk_till_conflicts_location FOREIGN KEY(location) REFERENCES locations (code)
);
CREATE INDEX ix_till_conflicts_document ON till_conflicts (document);
CREATE INDEX ix_till_conflicts_open ON till_conflicts (opened_at) WHERE closed_at IS NULL;

CREATE TABLE parked_sales (
  id UUID NOT NULL,
  parked_id VARCHAR(64) NOT NULL,
  digest VARCHAR(64) NOT NULL,
  device VARCHAR(32) NOT NULL,
  location VARCHAR(32) NOT NULL,
  name TEXT NOT NULL,
  cashier VARCHAR(8),
  document JSONB NOT NULL,
  parked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  taken_at TIMESTAMP WITH TIME ZONE,
  taken_by VARCHAR(32),
  CONSTRAINT pk_parked_sales PRIMARY KEY (id),
  CONSTRAINT uq_parked_sales_parked_id UNIQUE (parked_id),
  CONSTRAINT fk_parked_sales_device FOREIGN KEY(device) REFERENCES devices (code),
  CONSTRAINT fk_parked_sales_location FOREIGN KEY(location) REFERENCES locations (code)
);
CREATE INDEX ix_parked_sales_open ON parked_sales (location) WHERE taken_at IS NULL;

CREATE TABLE till_card_payments (
  id UUID NOT NULL,
  card_payment_id VARCHAR(64) NOT NULL,
  device VARCHAR(32) NOT NULL,
  amount_minor INTEGER NOT NULL,
  state VARCHAR(12) NOT NULL,
  intent VARCHAR(255),
  reader VARCHAR(255) NOT NULL,
  message TEXT NOT NULL,
  sale_id VARCHAR(64),
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_till_card_payments PRIMARY KEY (id),
  CONSTRAINT ck_till_card_payments_amount CHECK (amount_minor > 0),
  CONSTRAINT ck_till_card_payments_state CHECK (state IN ('waiting', 'succeeded', 'declined', 'cancelled', 'timed_out', 'unknown')),
  CONSTRAINT uq_till_card_payments_card_payment_id UNIQUE (card_payment_id),
  CONSTRAINT fk_till_card_payments_device FOREIGN KEY(device) REFERENCES devices (code),
  CONSTRAINT uq_till_card_payments_intent UNIQUE (intent)
);

CREATE TABLE till_items (
  sku VARCHAR(64) NOT NULL,
  generation INTEGER NOT NULL,
  gone BOOLEAN NOT NULL,
  facts JSONB NOT NULL,
  CONSTRAINT pk_till_items PRIMARY KEY (sku)
);
CREATE INDEX ix_till_items_generation ON till_items (generation, sku);

CREATE TABLE till_catalog (
  id INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  refreshed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_till_catalog PRIMARY KEY (id)
);

CREATE TABLE weigh_codes (
  starts VARCHAR(7) NOT NULL,
  sku VARCHAR(64) NOT NULL,
  value VARCHAR(8) NOT NULL,
  CONSTRAINT pk_weigh_codes PRIMARY KEY (starts),
  CONSTRAINT ck_weigh_codes_starts CHECK (starts ~ '^2[0-9]{6}$'),
  CONSTRAINT ck_weigh_codes_value CHECK (value IN ('minor', 'grams')),
  CONSTRAINT fk_weigh_codes_sku FOREIGN KEY(sku) REFERENCES items (sku)
);

CREATE TABLE fiscal_modules (
  device VARCHAR(32) NOT NULL,
  client_id VARCHAR(64) NOT NULL,
  serial VARCHAR(64) NOT NULL,
  public_key TEXT NOT NULL,
  private_key TEXT NOT NULL,
  transactions BIGINT NOT NULL,
  signatures BIGINT NOT NULL,
  broken_since TIMESTAMP WITH TIME ZONE,
  broken_reason TEXT NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  retired_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_fiscal_modules PRIMARY KEY (device),
  CONSTRAINT fk_fiscal_modules_device FOREIGN KEY(device) REFERENCES devices (code),
  CONSTRAINT uq_fiscal_modules_serial UNIQUE (serial)
);

CREATE TABLE fiscal_outages (
  id UUID NOT NULL,
  device VARCHAR(32) NOT NULL,
  reason TEXT NOT NULL,
  began_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_fiscal_outages PRIMARY KEY (id),
  CONSTRAINT ck_fiscal_outages_order CHECK (ended_at >= began_at),
  CONSTRAINT fk_fiscal_outages_device FOREIGN KEY(device) REFERENCES devices (code)
);
CREATE UNIQUE INDEX uq_fiscal_outages_open ON fiscal_outages (device) WHERE ended_at IS NULL;

CREATE TABLE fiscal_records (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  receipt UUID NOT NULL,
  serial VARCHAR(64) NOT NULL,
  client_id VARCHAR(64) NOT NULL,
  process_type VARCHAR(32) NOT NULL,
  process_data TEXT NOT NULL,
  started_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
  transaction_number BIGINT,
  signature_counter BIGINT,
  algorithm VARCHAR(32) NOT NULL,
  public_key TEXT NOT NULL,
  signature TEXT,
  outage UUID,
  CONSTRAINT pk_fiscal_records PRIMARY KEY (id),
  CONSTRAINT ck_fiscal_records_signed_or_out CHECK ((signature IS NULL) <> (outage IS NULL)),
  CONSTRAINT ck_fiscal_records_counted CHECK ((signature IS NULL) = (signature_counter IS NULL) AND (signature IS NULL) = (transaction_number IS NULL)),
  CONSTRAINT uq_fiscal_records_receipt UNIQUE (receipt),
  CONSTRAINT fk_fiscal_records_receipt FOREIGN KEY(receipt) REFERENCES till_receipts (id),
  CONSTRAINT fk_fiscal_records_outage FOREIGN KEY(outage) REFERENCES fiscal_outages (id)
);
CREATE UNIQUE INDEX uq_fiscal_records_counter ON fiscal_records (serial, signature_counter) WHERE signature_counter IS NOT NULL;
