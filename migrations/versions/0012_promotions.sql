CREATE TABLE promotions (
  ref VARCHAR(32) NOT NULL,
  name_de TEXT NOT NULL,
  name_en TEXT NOT NULL,
  kind VARCHAR(8) NOT NULL,
  basis_points INTEGER NOT NULL,
  amount_minor INTEGER NOT NULL,
  buy_units INTEGER NOT NULL,
  get_units INTEGER NOT NULL,
  channels JSONB NOT NULL,
  skus JSONB NOT NULL,
  categories JSONB NOT NULL,
  brands JSONB NOT NULL,
  price_groups JSONB NOT NULL,
  min_minor INTEGER NOT NULL,
  code VARCHAR(32),
  limit_total INTEGER,
  limit_per_customer INTEGER,
  stackable BOOLEAN NOT NULL,
  starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ends_at TIMESTAMP WITH TIME ZONE,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_by TEXT,
  CONSTRAINT pk_promotions PRIMARY KEY (ref),
  CONSTRAINT uq_promotions_code UNIQUE (code),
  CONSTRAINT ck_promotions_kind CHECK ((kind = 'percent' AND basis_points BETWEEN 1 AND 10000) OR (kind = 'amount' AND amount_minor > 0) OR (kind = 'buy_get' AND buy_units > 0 AND get_units > 0 AND basis_points BETWEEN 1 AND 10000)),
  CONSTRAINT ck_promotions_dates CHECK (ends_at >= starts_at),
  CONSTRAINT ck_promotions_min CHECK (min_minor >= 0),
  CONSTRAINT ck_promotions_limits CHECK (limit_total > 0 AND limit_per_customer > 0),
  CONSTRAINT ck_promotions_code CHECK (code = upper(code) AND code <> '')
);

CREATE TABLE promotion_uses (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  promotion VARCHAR(32) NOT NULL,
  order_ref VARCHAR(32) NOT NULL,
  customer_number VARCHAR(16),
  uses INTEGER NOT NULL,
  saved_minor INTEGER NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE NOT NULL,
  key VARCHAR(128) NOT NULL,
  CONSTRAINT pk_promotion_uses PRIMARY KEY (id),
  CONSTRAINT uq_promotion_uses_key UNIQUE (key),
  CONSTRAINT ck_promotion_uses_uses CHECK (uses IN (1, -1)),
  CONSTRAINT fk_promotion_uses_promotion FOREIGN KEY(promotion) REFERENCES promotions (ref)
);

CREATE INDEX ix_promotion_uses_promotion ON promotion_uses (promotion, customer_number);
CREATE INDEX ix_promotion_uses_order_ref ON promotion_uses (order_ref);

-- A line's discount is one sum, divided over its units by their place; what a promotion took off
-- stands beside it.
ALTER TABLE order_lines ADD COLUMN discount_minor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE order_lines ALTER COLUMN discount_minor DROP DEFAULT;
ALTER TABLE order_lines ADD COLUMN promotions JSONB NOT NULL DEFAULT '[]';
ALTER TABLE order_lines ALTER COLUMN promotions DROP DEFAULT;
ALTER TABLE order_lines ADD CONSTRAINT ck_order_lines_discount CHECK (discount_minor >= 0 AND line_minor = unit_minor * quantity - discount_minor);

ALTER TABLE baskets ADD COLUMN promotion_code VARCHAR(32);

CREATE TABLE gift_cards (
  id UUID NOT NULL,
  code_hash VARCHAR(64) NOT NULL,
  ending VARCHAR(4) NOT NULL,
  kind VARCHAR(8) NOT NULL,
  issued_minor INTEGER NOT NULL,
  balance_minor INTEGER NOT NULL,
  issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_on DATE NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_gift_cards PRIMARY KEY (id),
  CONSTRAINT uq_gift_cards_code_hash UNIQUE (code_hash),
  CONSTRAINT ck_gift_cards_kind CHECK (kind IN ('sold', 'goodwill')),
  CONSTRAINT ck_gift_cards_balance CHECK (balance_minor >= 0 AND balance_minor <= issued_minor)
);

CREATE INDEX ix_gift_cards_ending ON gift_cards (ending);

CREATE TABLE gift_card_entries (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  card_id UUID NOT NULL,
  amount_minor INTEGER NOT NULL,
  cause VARCHAR(16) NOT NULL,
  document TEXT NOT NULL,
  actor TEXT NOT NULL,
  entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
  key VARCHAR(128) NOT NULL,
  CONSTRAINT pk_gift_card_entries PRIMARY KEY (id),
  CONSTRAINT uq_gift_card_entries_key UNIQUE (key),
  CONSTRAINT ck_gift_card_entries_amount CHECK ((cause IN ('issued', 'returned') AND amount_minor > 0) OR (cause = 'redeemed' AND amount_minor < 0)),
  CONSTRAINT fk_gift_card_entries_card_id FOREIGN KEY(card_id) REFERENCES gift_cards (id)
);

CREATE INDEX ix_gift_card_entries_card_id ON gift_card_entries (card_id, id);

ALTER TABLE baskets ADD COLUMN gift_card_id UUID;
ALTER TABLE baskets ADD CONSTRAINT fk_baskets_gift_card_id FOREIGN KEY(gift_card_id) REFERENCES gift_cards (id);
ALTER TABLE payments ADD COLUMN gift_card_id UUID;
ALTER TABLE payments ADD CONSTRAINT fk_payments_gift_card_id FOREIGN KEY(gift_card_id) REFERENCES gift_cards (id);
