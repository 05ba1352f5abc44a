CREATE TABLE purchase_orders (
  number VARCHAR(32) NOT NULL,
  supplier TEXT NOT NULL,
  location VARCHAR(32) NOT NULL,
  state VARCHAR(16) NOT NULL,
  placed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  placed_by TEXT NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_purchase_orders PRIMARY KEY (number),
  CONSTRAINT ck_purchase_orders_state CHECK (state IN ('open', 'received', 'cancelled')),
  CONSTRAINT ck_purchase_orders_ended CHECK ((state = 'open') = (ended_at IS NULL)),
  CONSTRAINT uq_purchase_orders_number_location UNIQUE (number, location),
  CONSTRAINT fk_purchase_orders_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE INDEX ix_purchase_orders_open ON purchase_orders (placed_at) WHERE state = 'open';

CREATE TABLE purchase_order_lines (
  number VARCHAR(32) NOT NULL,
  position INTEGER NOT NULL,
  sku VARCHAR(64) NOT NULL,
  location VARCHAR(32) NOT NULL,
  ordered INTEGER NOT NULL,
  received INTEGER NOT NULL,
  cancelled INTEGER NOT NULL,
  expected_on DATE,
  told_late_on DATE,
  outstanding INTEGER GENERATED ALWAYS AS (greatest(0, ordered - received - cancelled)) STORED NOT NULL,
  CONSTRAINT pk_purchase_order_lines PRIMARY KEY (number, position),
  CONSTRAINT ck_purchase_order_lines_ordered CHECK (ordered > 0),
  CONSTRAINT ck_purchase_order_lines_received CHECK (received >= 0),
  CONSTRAINT ck_purchase_order_lines_cancelled CHECK (cancelled >= 0 AND cancelled <= ordered),
  CONSTRAINT fk_purchase_order_lines_number_location FOREIGN KEY(number, location) REFERENCES purchase_orders (number, location)
);

CREATE INDEX ix_purchase_order_lines_due ON purchase_order_lines (sku, location, expected_on) INCLUDE (outstanding) WHERE outstanding > 0;

CREATE TABLE transfers (
  number VARCHAR(32) NOT NULL,
  origin VARCHAR(32) NOT NULL,
  location VARCHAR(32) NOT NULL,
  state VARCHAR(16) NOT NULL,
  requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
  requested_by TEXT NOT NULL,
  sent_at TIMESTAMP WITH TIME ZONE,
  ended_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_transfers PRIMARY KEY (number),
  CONSTRAINT ck_transfers_state CHECK (state IN ('requested', 'sent', 'received', 'cancelled')),
  CONSTRAINT ck_transfers_ended CHECK ((state IN ('requested', 'sent')) = (ended_at IS NULL)),
  CONSTRAINT ck_transfers_sent CHECK ((state IN ('sent', 'received')) = (sent_at IS NOT NULL)),
  CONSTRAINT ck_transfers_moves CHECK (origin <> location),
  CONSTRAINT uq_transfers_number_location UNIQUE (number, location),
  CONSTRAINT fk_transfers_origin FOREIGN KEY(origin) REFERENCES locations (code),
  CONSTRAINT fk_transfers_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE INDEX ix_transfers_open ON transfers (requested_at) WHERE state IN ('requested', 'sent');

CREATE TABLE transfer_lines (
  number VARCHAR(32) NOT NULL,
  position INTEGER NOT NULL,
  sku VARCHAR(64) NOT NULL,
  location VARCHAR(32) NOT NULL,
  requested INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  received INTEGER NOT NULL,
  lost INTEGER NOT NULL,
  found INTEGER NOT NULL,
  expected_on DATE,
  told_late_on DATE,
  outstanding INTEGER GENERATED ALWAYS AS (sent - received - lost) STORED NOT NULL,
  CONSTRAINT pk_transfer_lines PRIMARY KEY (number, position),
  CONSTRAINT ck_transfer_lines_counts CHECK (requested >= 0 AND sent >= 0 AND found >= 0),
  CONSTRAINT ck_transfer_lines_arrived CHECK (received >= 0 AND lost >= 0 AND received + lost <= sent),
  CONSTRAINT fk_transfer_lines_number_location FOREIGN KEY(number, location) REFERENCES transfers (number, location)
);

CREATE INDEX ix_transfer_lines_due ON transfer_lines (sku, location, expected_on) INCLUDE (outstanding) WHERE outstanding > 0;

CREATE TABLE incoming_entries (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  document VARCHAR(32) NOT NULL,
  position INTEGER NOT NULL,
  sku VARCHAR(64) NOT NULL,
  what VARCHAR(16) NOT NULL,
  quantity INTEGER NOT NULL,
  was_on DATE,
  expected_on DATE,
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  key VARCHAR(128),
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_incoming_entries PRIMARY KEY (id),
  CONSTRAINT ck_incoming_entries_what CHECK (what IN ('ordered', 'requested', 'sent', 'received', 'found', 'lost', 'cancelled', 'date')),
  CONSTRAINT ck_incoming_entries_quantity CHECK ((what = 'date') = (quantity = 0))
);

CREATE INDEX ix_incoming_entries_document_id ON incoming_entries (document, id);
