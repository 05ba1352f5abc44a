-- What is bought together: models, rules, what was shown and what came of it.
CREATE TABLE crosssell_consumed (
  family VARCHAR(32) NOT NULL,
  CONSTRAINT pk_crosssell_consumed PRIMARY KEY (family)
);

CREATE TABLE crosssell_models (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  seen TEXT NOT NULL,
  receipts INTEGER NOT NULL,
  items INTEGER NOT NULL,
  pairs BIGINT NOT NULL,
  edges INTEGER NOT NULL,
  seconds DOUBLE PRECISION NOT NULL,
  shrink DOUBLE PRECISION NOT NULL,
  ridge DOUBLE PRECISION NOT NULL,
  total DOUBLE PRECISION NOT NULL,
  tried JSONB NOT NULL,
  digest VARCHAR(64) NOT NULL,
  CONSTRAINT pk_crosssell_models PRIMARY KEY (id)
);

CREATE TABLE crosssell_receipts (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  ref VARCHAR(64) NOT NULL,
  revision INTEGER NOT NULL,
  channel VARCHAR(16) NOT NULL,
  sold_at TIMESTAMP WITH TIME ZONE NOT NULL,
  skus TEXT[] NOT NULL,
  written_in BIGINT NOT NULL,
  CONSTRAINT pk_crosssell_receipts PRIMARY KEY (id),
  CONSTRAINT uq_crosssell_receipts_ref_revision UNIQUE (ref, revision)
);
CREATE INDEX ix_crosssell_receipts_written_in ON crosssell_receipts (written_in);

CREATE TABLE crosssell_rule_edits (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  rule UUID NOT NULL,
  action VARCHAR(8) NOT NULL,
  facts JSONB NOT NULL,
  actor TEXT NOT NULL,
  edited_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_crosssell_rule_edits PRIMARY KEY (id),
  CONSTRAINT ck_crosssell_rule_edits_action CHECK (action IN ('made', 'changed', 'stopped', 'started'))
);

CREATE TABLE crosssell_rules (
  id UUID NOT NULL,
  kind VARCHAR(8) NOT NULL,
  source_family VARCHAR(32) NOT NULL,
  source_attribute VARCHAR(32) NOT NULL,
  source_low VARCHAR(32) NOT NULL,
  source_high VARCHAR(32) NOT NULL,
  target_family VARCHAR(32) NOT NULL,
  target_attribute VARCHAR(32) NOT NULL,
  target_low VARCHAR(32) NOT NULL,
  target_high VARCHAR(32) NOT NULL,
  reason_de TEXT NOT NULL,
  reason_en TEXT NOT NULL,
  active BOOLEAN NOT NULL,
  CONSTRAINT pk_crosssell_rules PRIMARY KEY (id),
  CONSTRAINT ck_crosssell_rules_kind CHECK (kind IN ('needs', 'fits'))
);

CREATE TABLE crosssell_showings (
  unit VARCHAR(32) NOT NULL,
  sku VARCHAR(64) NOT NULL,
  shown_on DATE NOT NULL,
  trial UUID,
  arm VARCHAR(1) NOT NULL,
  channel VARCHAR(16) NOT NULL,
  source VARCHAR(16) NOT NULL,
  position INTEGER NOT NULL,
  clicked BOOLEAN NOT NULL,
  added BOOLEAN NOT NULL,
  unavailable BOOLEAN NOT NULL,
  bought INTEGER NOT NULL,
  margin_minor INTEGER NOT NULL,
  CONSTRAINT pk_crosssell_showings PRIMARY KEY (unit, sku),
  CONSTRAINT ck_crosssell_showings_arm CHECK (arm IN ('a', 'b'))
);
CREATE INDEX ix_crosssell_showings_shown_on ON crosssell_showings (shown_on);

CREATE TABLE crosssell_switches (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  model BIGINT NOT NULL,
  actor TEXT NOT NULL,
  switched_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_crosssell_switches PRIMARY KEY (id)
);

CREATE TABLE crosssell_trials (
  id UUID NOT NULL,
  name VARCHAR(64) NOT NULL,
  variant VARCHAR(16) NOT NULL,
  share INTEGER NOT NULL,
  running BOOLEAN NOT NULL,
  started_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  actor TEXT NOT NULL,
  CONSTRAINT pk_crosssell_trials PRIMARY KEY (id),
  CONSTRAINT ck_crosssell_trials_variant CHECK (variant IN ('knowledge', 'nothing')),
  CONSTRAINT ck_crosssell_trials_share CHECK (share BETWEEN 1 AND 99)
);
CREATE UNIQUE INDEX uq_crosssell_trials_running ON crosssell_trials (running) WHERE running;

CREATE TABLE crosssell_units (
  unit VARCHAR(32) NOT NULL,
  trial UUID,
  arm VARCHAR(1) NOT NULL,
  seen_on DATE NOT NULL,
  ordered BOOLEAN NOT NULL,
  margin_minor INTEGER NOT NULL,
  CONSTRAINT pk_crosssell_units PRIMARY KEY (unit)
);
CREATE INDEX ix_crosssell_units_trial ON crosssell_units (trial);

CREATE TABLE crosssell_counts (
  model BIGINT NOT NULL,
  sku VARCHAR(64) NOT NULL,
  weight DOUBLE PRECISION NOT NULL,
  CONSTRAINT pk_crosssell_counts PRIMARY KEY (model, sku),
  CONSTRAINT fk_crosssell_counts_model FOREIGN KEY(model) REFERENCES crosssell_models (id) ON DELETE CASCADE
);

CREATE TABLE crosssell_edges (
  model BIGINT NOT NULL,
  source VARCHAR(64) NOT NULL,
  target VARCHAR(64) NOT NULL,
  ridge DOUBLE PRECISION NOT NULL,
  together DOUBLE PRECISION NOT NULL,
  CONSTRAINT pk_crosssell_edges PRIMARY KEY (model, source, target),
  CONSTRAINT fk_crosssell_edges_model FOREIGN KEY(model) REFERENCES crosssell_models (id) ON DELETE CASCADE
);

CREATE TABLE crosssell_matches (
  rule UUID NOT NULL,
  source VARCHAR(64) NOT NULL,
  target VARCHAR(64) NOT NULL,
  CONSTRAINT pk_crosssell_matches PRIMARY KEY (rule, source, target),
  CONSTRAINT fk_crosssell_matches_rule FOREIGN KEY(rule) REFERENCES crosssell_rules (id) ON DELETE CASCADE
);
CREATE INDEX ix_crosssell_matches_source ON crosssell_matches (source);

