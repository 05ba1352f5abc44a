CREATE TABLE backorder_policies (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  location VARCHAR(32) NOT NULL,
  sku VARCHAR(64) NOT NULL,
  units INTEGER NOT NULL,
  ships_on DATE,
  actor TEXT NOT NULL,
  set_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_backorder_policies PRIMARY KEY (id),
  CONSTRAINT ck_backorder_policies_units CHECK (units >= 0),
  CONSTRAINT fk_backorder_policies_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE INDEX ix_backorder_policies_sku_location_id ON backorder_policies (sku, location, id);

CREATE TABLE stock_backorders (
  id UUID NOT NULL,
  order_ref VARCHAR(32) NOT NULL,
  line_id UUID NOT NULL,
  sku VARCHAR(64) NOT NULL,
  location VARCHAR(32) NOT NULL,
  quantity INTEGER NOT NULL,
  promised_on DATE NOT NULL,
  state VARCHAR(16) NOT NULL,
  placed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE,
  confirmed_at TIMESTAMP WITH TIME ZONE,
  ended_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_stock_backorders PRIMARY KEY (id),
  CONSTRAINT ck_stock_backorders_quantity CHECK (quantity > 0),
  CONSTRAINT ck_stock_backorders_state CHECK (state IN ('waiting', 'covered', 'released', 'expired', 'lost')),
  CONSTRAINT ck_stock_backorders_ended CHECK ((state = 'waiting') = (ended_at IS NULL)),
  CONSTRAINT ck_stock_backorders_deadline CHECK (confirmed_at IS NOT NULL OR expires_at IS NOT NULL)
);

CREATE INDEX ix_stock_backorders_waiting ON stock_backorders (sku, location, promised_on) WHERE state = 'waiting';
CREATE INDEX ix_stock_backorders_order_ref ON stock_backorders (order_ref);
