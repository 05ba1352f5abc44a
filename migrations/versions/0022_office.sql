-- What the back office works with: people and their second factor, who changed what, orders that
-- are held, payments that somebody has to look at, imports, and indexes for the one search box.

ALTER TABLE staff
    ADD COLUMN session_epoch integer NOT NULL DEFAULT 0,
    ADD COLUMN totp_sealed text,
    ADD COLUMN totp_since timestamp with time zone,
    ADD COLUMN totp_last_step bigint,
    ADD COLUMN failed_attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN locked_until timestamp with time zone,
    ADD COLUMN invitation_hash character varying(64),
    ADD COLUMN invitation_until timestamp with time zone,
    ADD CONSTRAINT uq_staff_invitation_hash UNIQUE (invitation_hash);

CREATE TABLE staff_recovery_codes (
    id uuid NOT NULL,
    staff_id uuid NOT NULL,
    code_hash character varying(64) NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT pk_staff_recovery_codes PRIMARY KEY (id),
    CONSTRAINT fk_staff_recovery_codes_staff_id FOREIGN KEY (staff_id) REFERENCES staff (id)
);
CREATE INDEX ix_staff_recovery_codes_staff_id ON staff_recovery_codes (staff_id);

CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY,
    happened_at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    action character varying(16) NOT NULL,
    thing character varying(48) NOT NULL,
    key text NOT NULL,
    was jsonb,
    becomes jsonb,
    CONSTRAINT pk_audit_log PRIMARY KEY (id)
);
CREATE INDEX ix_audit_log_thing_key ON audit_log (thing, key);
CREATE INDEX ix_audit_log_happened_at ON audit_log (happened_at);

CREATE TABLE order_stops (
    id uuid NOT NULL,
    order_ref character varying(32) NOT NULL,
    reason text NOT NULL,
    stopped_at timestamp with time zone NOT NULL,
    stopped_by text NOT NULL,
    released_at timestamp with time zone,
    released_by text,
    CONSTRAINT pk_order_stops PRIMARY KEY (id),
    CONSTRAINT ck_order_stops_released CHECK ((released_at IS NULL) = (released_by IS NULL))
);
CREATE UNIQUE INDEX uq_order_stops_open ON order_stops (order_ref) WHERE released_at IS NULL;

CREATE TABLE unclear_payments (
    id uuid NOT NULL,
    order_ref character varying(32) NOT NULL,
    kind character varying(32) NOT NULL,
    facts jsonb NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    closed_by text,
    note text NOT NULL,
    key character varying(128) NOT NULL,
    CONSTRAINT pk_unclear_payments PRIMARY KEY (id),
    CONSTRAINT uq_unclear_payments_key UNIQUE (key),
    CONSTRAINT ck_unclear_payments_closed CHECK ((closed_at IS NULL) = (closed_by IS NULL))
);
CREATE INDEX ix_unclear_payments_open ON unclear_payments (opened_at) WHERE closed_at IS NULL;
CREATE INDEX ix_unclear_payments_order_ref ON unclear_payments (order_ref);

CREATE TABLE catalog_imports (
    id uuid NOT NULL,
    kind character varying(16) NOT NULL,
    filename text NOT NULL,
    state character varying(16) NOT NULL,
    rows jsonb NOT NULL,
    found jsonb NOT NULL,
    done integer NOT NULL,
    total integer NOT NULL,
    actor text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    error text,
    CONSTRAINT pk_catalog_imports PRIMARY KEY (id),
    CONSTRAINT ck_catalog_imports_state CHECK (
        state IN ('looking', 'looked_at', 'running', 'done', 'failed', 'discarded'))
);
CREATE INDEX ix_catalog_imports_asked_at ON catalog_imports (asked_at);

-- How often somebody had a message sent once more.
ALTER TABLE messages ADD COLUMN copies integer NOT NULL DEFAULT 0;

CREATE INDEX ix_orders_name ON orders USING gin ((address ->> 'name') gin_trgm_ops);
CREATE INDEX ix_orders_phone ON orders (reverse(phone) text_pattern_ops) WHERE phone IS NOT NULL;
CREATE INDEX ix_orders_completed_at ON orders (completed_at) WHERE completed_at IS NOT NULL;
CREATE INDEX ix_customers_name ON customers USING gin (name gin_trgm_ops);
CREATE INDEX ix_parcels_tracking_code ON parcels (tracking_code) WHERE tracking_code IS NOT NULL;

-- Who changed what: only where a person is named for the transaction (app.identity.audit). What the
-- shop does by itself is explained by its own ledgers.
CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was jsonb;
    becomes jsonb;
    whole jsonb;
    key text;
    secret text;
BEGIN
    IF TG_OP <> 'INSERT' THEN was := to_jsonb(OLD); END IF;
    IF TG_OP <> 'DELETE' THEN becomes := to_jsonb(NEW); END IF;
    whole := coalesce(becomes, was);
    SELECT string_agg(whole ->> name, ' / ' ORDER BY place) INTO key
        FROM unnest(TG_ARGV) WITH ORDINALITY AS keys (name, place);
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, becomes -> o.key)
            INTO was, becomes
            FROM jsonb_each(was) o WHERE o.value IS DISTINCT FROM becomes -> o.key;
        IF was IS NULL THEN RETURN NULL; END IF;
    END IF;
    FOREACH secret IN ARRAY ARRAY['password_hash', 'totp_sealed', 'invitation_hash', 'token_hash']
    LOOP
        IF was ->> secret IS NOT NULL THEN was := was || jsonb_build_object(secret, '***'); END IF;
        IF becomes ->> secret IS NOT NULL THEN
            becomes := becomes || jsonb_build_object(secret, '***');
        END IF;
    END LOOP;
    INSERT INTO audit_log (happened_at, actor, action, thing, key, was, becomes) VALUES (
        coalesce(nullif(current_setting('kontor.at', true), '')::timestamptz, now()),
        current_setting('kontor.actor', true), lower(TG_OP), TG_TABLE_NAME, coalesce(key, ''),
        was, becomes);
    RETURN NULL;
END $$;

DO $$
DECLARE
    watched record;
BEGIN
    FOR watched IN SELECT * FROM (VALUES
        ('staff', 'email'), ('devices', 'code'),
        ('categories', 'slug'), ('products', 'slug'), ('items', 'sku'), ('price_groups', 'code'),
        ('prices', 'sku'), ('documents', 'slug'), ('document_links', 'document'),
        ('item_links', 'target'), ('landing_pages', 'slug'), ('synonyms', 'word'),
        ('promotions', 'ref'), ('locations', 'code'), ('closed_days', 'location'),
        ('tariffs', 'code'), ('order_stops', 'order_ref'), ('unclear_payments', 'order_ref'),
        ('stock_settings', 'sku'), ('campaigns', 'code')
    ) AS tables (name, key)
    LOOP
        EXECUTE 'CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE ON '
            || quote_ident(watched.name) || ' FOR EACH ROW'
            || ' WHEN (current_setting(''kontor.actor'', true) <> '''')'
            || ' EXECUTE FUNCTION note_change(' || quote_literal(watched.key) || ')';
    END LOOP;
END $$;
