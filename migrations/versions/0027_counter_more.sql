-- What the counter got: offers that are taken back, and what was seen when goods were given out.

ALTER TABLE counter_offers
    ADD COLUMN withdrawn_at timestamptz,
    ADD COLUMN withdrawn_by text,
    ADD COLUMN withdrawn_why text,
    ADD CONSTRAINT ck_counter_offers_withdrawn CHECK (
        (withdrawn_at IS NULL) = (withdrawn_by IS NULL)
        AND (withdrawn_at IS NULL) = (withdrawn_why IS NULL)
        AND (withdrawn_at IS NULL OR order_ref IS NULL)
    );

ALTER TABLE pickups ADD COLUMN age_checked boolean;
