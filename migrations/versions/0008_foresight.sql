CREATE TABLE price_runs (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  what VARCHAR(8) NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  digest TEXT NOT NULL,
  shape JSONB NOT NULL,
  skus INTEGER NOT NULL,
  places INTEGER NOT NULL,
  seconds FLOAT NOT NULL,
  CONSTRAINT pk_price_runs PRIMARY KEY (id),
  CONSTRAINT ck_price_runs_what CHECK (what IN ('whole', 'moved'))
);

CREATE INDEX ix_price_runs_what_made_at ON price_runs (what, made_at);

CREATE TABLE stock_prices (
  sku VARCHAR(64) NOT NULL,
  location VARCHAR(32) NOT NULL,
  shadow_minor INTEGER NOT NULL,
  counter_units FLOAT NOT NULL,
  web_units FLOAT NOT NULL,
  free INTEGER NOT NULL,
  until_on DATE NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  run BIGINT NOT NULL,
  CONSTRAINT pk_stock_prices PRIMARY KEY (sku, location),
  CONSTRAINT ck_stock_prices_shadow_minor CHECK (shadow_minor >= 0),
  CONSTRAINT ck_stock_prices_units CHECK (counter_units >= 0 AND web_units >= 0),
  CONSTRAINT fk_stock_prices_location FOREIGN KEY(location) REFERENCES locations (code),
  CONSTRAINT fk_stock_prices_run FOREIGN KEY(run) REFERENCES price_runs (id)
);

CREATE INDEX ix_stock_prices_made_at ON stock_prices (made_at);

CREATE TABLE parcel_prices (
  location VARCHAR(32) NOT NULL,
  day DATE NOT NULL,
  price_minor INTEGER NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_parcel_prices PRIMARY KEY (location, day),
  CONSTRAINT ck_parcel_prices_price_minor CHECK (price_minor > 0),
  CONSTRAINT fk_parcel_prices_location FOREIGN KEY(location) REFERENCES locations (code)
);
