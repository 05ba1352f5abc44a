-- What the floor got beside orders.

-- A catalogue or a sample that goes to those who asked for such things. Nobody gets one by default.
CREATE TABLE mailings (
  code VARCHAR(64) NOT NULL,
  kind VARCHAR(16) NOT NULL,
  title_de TEXT NOT NULL,
  title_en TEXT NOT NULL,
  owner TEXT NOT NULL,
  location VARCHAR(32) NOT NULL,
  starts_on DATE NOT NULL,
  ends_on DATE NOT NULL,
  cost_minor INTEGER NOT NULL,
  paper_grams INTEGER NOT NULL,
  released_at TIMESTAMP WITH TIME ZONE,
  released_by TEXT,
  CONSTRAINT pk_mailings PRIMARY KEY (code),
  CONSTRAINT ck_mailings_kind CHECK (kind IN ('catalogue', 'sample')),
  CONSTRAINT ck_mailings_dates CHECK (ends_on >= starts_on),
  CONSTRAINT ck_mailings_amounts CHECK (cost_minor >= 0 AND paper_grams > 0),
  CONSTRAINT ck_mailings_released CHECK ((released_at IS NULL) = (released_by IS NULL)),
  CONSTRAINT fk_mailings_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE TABLE mailpieces (
  id UUID NOT NULL,
  mailing VARCHAR(64) NOT NULL,
  email VARCHAR(254) NOT NULL,
  customer_number VARCHAR(16) NOT NULL,
  address JSONB NOT NULL,
  language VARCHAR(2) NOT NULL,
  state VARCHAR(16) NOT NULL,
  sscc VARCHAR(18) NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  sent_at TIMESTAMP WITH TIME ZONE,
  sent_by TEXT,
  ended_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_mailpieces PRIMARY KEY (id),
  CONSTRAINT uq_mailpieces_mailing_email UNIQUE (mailing, email),
  CONSTRAINT uq_mailpieces_sscc UNIQUE (sscc),
  CONSTRAINT ck_mailpieces_state CHECK (state IN ('open', 'sent', 'came_back', 'cancelled')),
  CONSTRAINT ck_mailpieces_sent CHECK ((state IN ('sent', 'came_back')) = (sent_at IS NOT NULL)),
  CONSTRAINT fk_mailpieces_mailing FOREIGN KEY(mailing) REFERENCES mailings (code)
);

CREATE INDEX ix_mailpieces_open ON mailpieces (mailing) WHERE state = 'open';

-- Whether anybody has looked at the page behind a card: what was not, was waste.
ALTER TABLE parcel_inserts ADD COLUMN opened_at TIMESTAMP WITH TIME ZONE;

-- A carton that is not bought any more is not suggested; parcels of before still name it.
ALTER TABLE boxes ADD COLUMN retired_at TIMESTAMP WITH TIME ZONE;

DO $$
DECLARE
    watched record;
BEGIN
    FOR watched IN SELECT * FROM (VALUES
        ('mailings', '''code'''), ('boxes', '''code'''), ('shelf_places', '''location'', ''sku''')
    ) AS tables (name, keys)
    LOOP
        EXECUTE 'CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE ON '
            || quote_ident(watched.name) || ' FOR EACH ROW'
            || ' WHEN (current_setting(''kontor.actor'', true) <> '''')'
            || ' EXECUTE FUNCTION note_change(' || watched.keys || ')';
    END LOOP;
END $$;
