CREATE TABLE setup_stamps (
  id INTEGER NOT NULL,
  stamp UUID NOT NULL,
  CONSTRAINT pk_setup_stamps PRIMARY KEY (id),
  CONSTRAINT ck_setup_stamps_one CHECK (id = 1)
);

CREATE TABLE routing_rules (
  id INTEGER NOT NULL,
  rules JSONB NOT NULL,
  number INTEGER NOT NULL,
  CONSTRAINT pk_routing_rules PRIMARY KEY (id),
  CONSTRAINT ck_routing_rules_one CHECK (id = 1)
);

CREATE TABLE routing_drafts (
  id INTEGER NOT NULL,
  version INTEGER NOT NULL,
  document JSONB,
  restored_from INTEGER,
  actor TEXT NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_routing_drafts PRIMARY KEY (id),
  CONSTRAINT ck_routing_drafts_one CHECK (id = 1)
);

CREATE TABLE routing_setups (
  number INTEGER NOT NULL,
  cause VARCHAR(16) NOT NULL,
  published_at TIMESTAMP WITH TIME ZONE NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  restored_from INTEGER,
  changes JSONB NOT NULL,
  document JSONB NOT NULL,
  CONSTRAINT pk_routing_setups PRIMARY KEY (number),
  CONSTRAINT ck_routing_setups_number CHECK (number > 0),
  CONSTRAINT ck_routing_setups_cause CHECK (cause IN ('first', 'published', 'found'))
);

CREATE TABLE whatif_runs (
  id UUID NOT NULL,
  title TEXT NOT NULL,
  since TIMESTAMP WITH TIME ZONE NOT NULL,
  until TIMESTAMP WITH TIME ZONE NOT NULL,
  changes JSONB NOT NULL,
  setup JSONB NOT NULL,
  state VARCHAR(16) NOT NULL,
  done INTEGER NOT NULL,
  total INTEGER NOT NULL,
  actor TEXT NOT NULL,
  asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  started_at TIMESTAMP WITH TIME ZONE,
  seen_at TIMESTAMP WITH TIME ZONE,
  ended_at TIMESTAMP WITH TIME ZONE,
  error TEXT,
  result JSONB,
  orders JSONB,
  CONSTRAINT pk_whatif_runs PRIMARY KEY (id),
  CONSTRAINT ck_whatif_runs_state CHECK (state IN ('waiting', 'running', 'done', 'cancelled', 'failed')),
  CONSTRAINT ck_whatif_runs_period CHECK (since < until)
);

CREATE INDEX ix_whatif_runs_asked_at ON whatif_runs (asked_at);
CREATE INDEX ix_whatif_runs_unfinished ON whatif_runs (state) WHERE state IN ('waiting', 'running');

-- What a decision was asked with, so that it can be asked again; older ones lack it.
ALTER TABLE routing_decisions ADD COLUMN given JSONB;
CREATE INDEX ix_routing_decisions_decided_at ON routing_decisions (decided_at, id);

INSERT INTO setup_stamps (id, stamp) VALUES (1, gen_random_uuid());

CREATE TRIGGER stamp_setup AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON locations
  FOR EACH STATEMENT EXECUTE FUNCTION stamp_setup();
CREATE TRIGGER stamp_setup AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON closed_days
  FOR EACH STATEMENT EXECUTE FUNCTION stamp_setup();
CREATE TRIGGER stamp_setup AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON tariffs
  FOR EACH STATEMENT EXECUTE FUNCTION stamp_setup();
CREATE TRIGGER stamp_setup AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON routing_rules
  FOR EACH STATEMENT EXECUTE FUNCTION stamp_setup();
