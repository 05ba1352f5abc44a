CREATE TABLE fulfilment_refusals (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  order_ref VARCHAR(32) NOT NULL,
  line_id UUID NOT NULL,
  sku VARCHAR(64) NOT NULL,
  location VARCHAR(32) NOT NULL,
  quantity INTEGER NOT NULL,
  fulfilment_order_id UUID NOT NULL,
  reason VARCHAR(16) NOT NULL,
  note TEXT,
  actor TEXT NOT NULL,
  refused_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_fulfilment_refusals PRIMARY KEY (id),
  CONSTRAINT ck_fulfilment_refusals_quantity CHECK (quantity > 0),
  CONSTRAINT ck_fulfilment_refusals_reason CHECK (reason IN ('not_found', 'damaged', 'laid_aside', 'no_time', 'closed', 'other')),
  CONSTRAINT fk_fulfilment_refusals_location FOREIGN KEY(location) REFERENCES locations (code),
  CONSTRAINT fk_fulfilment_refusals_fulfilment_order_id FOREIGN KEY(fulfilment_order_id) REFERENCES fulfilment_orders (id)
);

CREATE INDEX ix_fulfilment_refusals_order_ref ON fulfilment_refusals (order_ref);
CREATE INDEX ix_fulfilment_refusals_location ON fulfilment_refusals (location, refused_at);

CREATE TABLE day_limits (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  location VARCHAR(32) NOT NULL,
  day DATE NOT NULL,
  parcels INTEGER,
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  set_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_day_limits PRIMARY KEY (id),
  CONSTRAINT ck_day_limits_parcels CHECK (parcels >= 0),
  CONSTRAINT fk_day_limits_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE INDEX ix_day_limits_day ON day_limits (day, location, id);

ALTER TABLE fulfilment_orders ADD COLUMN kind VARCHAR(8) NOT NULL DEFAULT 'parcel';
ALTER TABLE fulfilment_orders ALTER COLUMN kind DROP DEFAULT;
ALTER TABLE fulfilment_orders ADD CONSTRAINT ck_fulfilment_orders_kind CHECK (kind IN ('parcel', 'collect'));
CREATE INDEX ix_fulfilment_orders_due ON fulfilment_orders (due_at) WHERE state IN ('open', 'picking', 'picked', 'packed');

ALTER TABLE orders ADD COLUMN collect_at VARCHAR(32);
ALTER TABLE orders ADD CONSTRAINT fk_orders_collect_at FOREIGN KEY(collect_at) REFERENCES locations (code);

CREATE TABLE collect_questions (
  id UUID NOT NULL,
  order_ref VARCHAR(32) NOT NULL,
  location VARCHAR(32) NOT NULL,
  reason VARCHAR(32) NOT NULL,
  facts JSONB NOT NULL,
  asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  remind_at TIMESTAMP WITH TIME ZONE NOT NULL,
  deadline_at TIMESTAMP WITH TIME ZONE NOT NULL,
  reminded_at TIMESTAMP WITH TIME ZONE,
  answered_at TIMESTAMP WITH TIME ZONE,
  answer VARCHAR(48),
  answered_by TEXT,
  CONSTRAINT pk_collect_questions PRIMARY KEY (id),
  CONSTRAINT ck_collect_questions_answered CHECK ((answered_at IS NULL) = (answer IS NULL)),
  CONSTRAINT fk_collect_questions_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE UNIQUE INDEX uq_collect_questions_open ON collect_questions (order_ref) WHERE answered_at IS NULL;

CREATE TABLE promise_exceptions (
  id UUID NOT NULL,
  order_ref VARCHAR(32) NOT NULL,
  cause VARCHAR(32) NOT NULL,
  decision_id UUID,
  promised_on DATE NOT NULL,
  earliest_on DATE,
  facts JSONB NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  told_at TIMESTAMP WITH TIME ZONE,
  choice VARCHAR(8),
  chosen_at TIMESTAMP WITH TIME ZONE,
  closed_at TIMESTAMP WITH TIME ZONE,
  outcome VARCHAR(16),
  CONSTRAINT pk_promise_exceptions PRIMARY KEY (id),
  CONSTRAINT ck_promise_exceptions_choice CHECK (choice IN ('keep', 'cancel')),
  CONSTRAINT ck_promise_exceptions_closed CHECK ((closed_at IS NULL) = (outcome IS NULL))
);

CREATE UNIQUE INDEX uq_promise_exceptions_open ON promise_exceptions (order_ref) WHERE closed_at IS NULL;
