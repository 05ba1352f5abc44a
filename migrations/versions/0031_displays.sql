-- Articles on display: facts about a store that product pages show; no stock, so not in the ledger.

CREATE TABLE displays (
    location varchar(32) NOT NULL
        CONSTRAINT fk_displays_location REFERENCES locations (code),
    sku varchar(64) NOT NULL,
    since timestamptz NOT NULL,
    actor text NOT NULL,
    CONSTRAINT pk_displays PRIMARY KEY (location, sku)
);
CREATE INDEX ix_displays_sku ON displays (sku);

-- Kept pages see by the stamp that a store has put something up.
CREATE TRIGGER stamp_setup AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON displays
    FOR EACH STATEMENT EXECUTE FUNCTION stamp_setup();
CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE ON displays
    FOR EACH ROW WHEN (current_setting('kontor.actor', true) <> '')
    EXECUTE FUNCTION note_change('sku');
