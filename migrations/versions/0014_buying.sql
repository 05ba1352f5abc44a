-- Baskets of signed-in customers, prices as they were seen, goods put aside in a store.

-- An account has one basket that is not an order yet. The account's table comes with the next
-- revision; the basket only knows its id.
ALTER TABLE baskets ADD COLUMN account_id UUID;
CREATE UNIQUE INDEX uq_baskets_account ON baskets (account_id) WHERE account_id IS NOT NULL AND order_ref IS NULL;

-- What a unit cost when the customer saw it last; NULL: nobody has told them anything yet.
ALTER TABLE basket_lines ADD COLUMN seen_minor INTEGER;

CREATE TABLE basket_codes (
  code VARCHAR(16) NOT NULL,
  basket_id UUID NOT NULL,
  consented_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  withdrawn_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_basket_codes PRIMARY KEY (code),
  CONSTRAINT fk_basket_codes_basket_id FOREIGN KEY(basket_id) REFERENCES baskets (id) ON DELETE CASCADE
);

CREATE INDEX ix_basket_codes_basket_id ON basket_codes (basket_id);

CREATE TABLE store_holds (
  id UUID NOT NULL,
  ref VARCHAR(32) NOT NULL,
  token VARCHAR(64) NOT NULL,
  location VARCHAR(32) NOT NULL,
  state VARCHAR(16) NOT NULL,
  basket_id UUID,
  customer_number VARCHAR(16),
  price_group VARCHAR(32) NOT NULL,
  promotion_code VARCHAR(32),
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  phone VARCHAR(20),
  language VARCHAR(2) NOT NULL,
  placed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ready_by_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ready_at TIMESTAMP WITH TIME ZONE,
  ended_at TIMESTAMP WITH TIME ZONE,
  ended_by TEXT,
  document VARCHAR(32),
  CONSTRAINT pk_store_holds PRIMARY KEY (id),
  CONSTRAINT uq_store_holds_ref UNIQUE (ref),
  CONSTRAINT uq_store_holds_basket_id UNIQUE (basket_id),
  CONSTRAINT ck_store_holds_state CHECK (state IN ('held', 'ready', 'collected', 'expired', 'cancelled', 'lost')),
  CONSTRAINT ck_store_holds_ended CHECK ((ended_at IS NULL) = (state IN ('held', 'ready'))),
  CONSTRAINT fk_store_holds_location FOREIGN KEY(location) REFERENCES locations (code),
  CONSTRAINT fk_store_holds_basket_id FOREIGN KEY(basket_id) REFERENCES baskets (id)
);

CREATE INDEX ix_store_holds_open ON store_holds (expires_at) WHERE state IN ('held', 'ready');
CREATE INDEX ix_store_holds_location ON store_holds (location, state);

CREATE TABLE store_hold_lines (
  id UUID NOT NULL,
  hold_id UUID NOT NULL,
  position INTEGER NOT NULL,
  sku VARCHAR(64) NOT NULL,
  title TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  lost INTEGER NOT NULL,
  unit_minor INTEGER NOT NULL,
  line_minor INTEGER NOT NULL,
  CONSTRAINT pk_store_hold_lines PRIMARY KEY (id),
  CONSTRAINT uq_store_hold_lines_hold_id_position UNIQUE (hold_id, position),
  CONSTRAINT ck_store_hold_lines_quantity CHECK (quantity > 0),
  CONSTRAINT ck_store_hold_lines_lost CHECK (lost >= 0 AND lost <= quantity),
  CONSTRAINT fk_store_hold_lines_hold_id FOREIGN KEY(hold_id) REFERENCES store_holds (id) ON DELETE CASCADE
);

-- What is left on a card when its time is over is written off, as an entry like any other.
ALTER TABLE gift_card_entries DROP CONSTRAINT ck_gift_card_entries_amount;
ALTER TABLE gift_card_entries ADD CONSTRAINT ck_gift_card_entries_amount CHECK ((cause IN ('issued', 'returned') AND amount_minor > 0) OR (cause IN ('redeemed', 'expired') AND amount_minor < 0));
