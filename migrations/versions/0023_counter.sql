-- What the counter still lacked: offers that stand until a date, letters of the till, returns that
-- wait, and what the signer signs beside receipts.

CREATE TABLE counter_offers (
    id uuid CONSTRAINT pk_counter_offers PRIMARY KEY,
    offer_id varchar(64) NOT NULL CONSTRAINT uq_counter_offers_offer_id UNIQUE,
    digest varchar(64) NOT NULL,
    ref varchar(32) NOT NULL CONSTRAINT uq_counter_offers_ref UNIQUE,
    token varchar(64) NOT NULL CONSTRAINT uq_counter_offers_token UNIQUE,
    location varchar(32) NOT NULL
        CONSTRAINT fk_counter_offers_location REFERENCES locations (code),
    device varchar(32) NOT NULL CONSTRAINT fk_counter_offers_device REFERENCES devices (code),
    cashier varchar(8),
    adviser text NOT NULL,
    customer_number varchar(16),
    price_group varchar(32) NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    address jsonb NOT NULL,
    language varchar(2) NOT NULL,
    note text NOT NULL,
    lines jsonb NOT NULL,
    total_minor integer NOT NULL,
    held boolean NOT NULL,
    made_at timestamptz NOT NULL,
    valid_until_at timestamptz NOT NULL,
    renews varchar(32) CONSTRAINT uq_counter_offers_renews UNIQUE,
    order_ref varchar(32) CONSTRAINT uq_counter_offers_order_ref UNIQUE,
    ordered_at timestamptz,
    CONSTRAINT ck_counter_offers_total CHECK (total_minor > 0),
    CONSTRAINT ck_counter_offers_valid CHECK (valid_until_at > made_at),
    CONSTRAINT ck_counter_offers_ordered CHECK ((ordered_at IS NULL) = (order_ref IS NULL))
);
CREATE INDEX ix_counter_offers_location ON counter_offers (location, made_at);

CREATE TABLE till_rules (
    location varchar(32) CONSTRAINT pk_till_rules PRIMARY KEY
        CONSTRAINT fk_till_rules_location REFERENCES locations (code),
    cash_rounding_minor integer NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    CONSTRAINT ck_till_rules_rounding CHECK (cash_rounding_minor IN (1, 5))
);

ALTER TABLE till_receipts DROP CONSTRAINT ck_till_receipts_kind;
ALTER TABLE till_receipts ADD CONSTRAINT ck_till_receipts_kind CHECK (
    kind IN ('sale', 'return', 'exchange', 'void', 'training', 'aborted')
);
ALTER TABLE fiscal_records ALTER COLUMN receipt DROP NOT NULL;
ALTER TABLE fiscal_records ADD COLUMN entry bigint
    CONSTRAINT uq_fiscal_records_entry UNIQUE
    CONSTRAINT fk_fiscal_records_entry REFERENCES till_cash_entries (id);
ALTER TABLE fiscal_records
    ADD CONSTRAINT ck_fiscal_records_of_one CHECK ((receipt IS NULL) <> (entry IS NULL));
