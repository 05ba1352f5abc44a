-- Paying on collection: an order that nobody has paid until it is handed over at the counter.

ALTER TABLE orders
    ADD COLUMN pay_on_collection boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT ck_orders_pay_on_collection
        CHECK (NOT pay_on_collection OR collect_at IS NOT NULL);
ALTER TABLE orders ALTER COLUMN pay_on_collection DROP DEFAULT;

-- Who has such orders open is asked with every new one.
CREATE INDEX ix_orders_pay_on_collection ON orders (lower(email))
    WHERE pay_on_collection AND state = 'confirmed';

ALTER TABLE till_receipts ADD COLUMN collected_ref varchar(32);
CREATE INDEX ix_till_receipts_collected_ref ON till_receipts (collected_ref);

CREATE TABLE collect_terms (
    location varchar(32) CONSTRAINT pk_collect_terms PRIMARY KEY
        CONSTRAINT fk_collect_terms_location REFERENCES locations (code),
    offered boolean NOT NULL,
    most_minor integer NOT NULL,
    most_open integer NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    CONSTRAINT ck_collect_terms_limits CHECK (most_minor > 0 AND most_open > 0)
);
