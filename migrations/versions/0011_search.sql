-- For which language people type the word; both are always searched.
ALTER TABLE synonyms ADD COLUMN language VARCHAR(2) NOT NULL DEFAULT 'de';
ALTER TABLE synonyms ADD CONSTRAINT ck_synonyms_language CHECK (language IN ('de', 'en'));
ALTER TABLE synonyms ADD COLUMN stem TEXT NOT NULL
  GENERATED ALWAYS AS (coalesce((ts_lexize('german_stem', word))[1], word)) STORED;
CREATE INDEX ix_synonyms_stem ON synonyms (stem);

CREATE TABLE synonym_edits (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  action VARCHAR(8) NOT NULL,
  word VARCHAR(96) NOT NULL,
  meaning VARCHAR(96) NOT NULL,
  language VARCHAR(2) NOT NULL,
  actor TEXT NOT NULL,
  edited_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_synonym_edits PRIMARY KEY (id),
  CONSTRAINT ck_synonym_edits_action CHECK (action IN ('added', 'removed'))
);

CREATE TABLE search_misses (
  term VARCHAR(96) NOT NULL,
  times INTEGER NOT NULL,
  first_at TIMESTAMP WITH TIME ZONE NOT NULL,
  last_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_search_misses PRIMARY KEY (term)
);

CREATE TABLE shopper_questions (
  id UUID NOT NULL,
  kind VARCHAR(8) NOT NULL,
  about TEXT NOT NULL,
  email TEXT NOT NULL,
  note TEXT NOT NULL,
  store VARCHAR(64),
  language VARCHAR(2) NOT NULL,
  asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  closed_at TIMESTAMP WITH TIME ZONE,
  closed_by TEXT,
  outcome VARCHAR(16),
  CONSTRAINT pk_shopper_questions PRIMARY KEY (id),
  CONSTRAINT ck_shopper_questions_kind CHECK (kind IN ('manual', 'question')),
  CONSTRAINT ck_shopper_questions_closed
    CHECK ((closed_at IS NULL) = (outcome IS NULL) AND (closed_at IS NULL) = (closed_by IS NULL))
);
CREATE INDEX ix_shopper_questions_asked_at ON shopper_questions (asked_at);

-- By what results are narrowed down, kept with the entry: no join over goods to count them.
ALTER TABLE search_entries ADD COLUMN shelf VARCHAR(64);
ALTER TABLE search_entries ADD COLUMN brand TEXT;
ALTER TABLE search_entries ADD COLUMN above TEXT NOT NULL DEFAULT '';
-- What ranks: short enough to lie in the row, where `words` with the whole text does not.
ALTER TABLE search_entries ADD COLUMN near TSVECTOR NOT NULL GENERATED ALWAYS AS (
  setweight(to_tsvector('german', title), 'A') || setweight(to_tsvector('simple', title), 'A')
  || setweight(to_tsvector('german', folded), 'B') || setweight(to_tsvector('simple', folded), 'B')
  || setweight(to_tsvector('german', above), 'C')
) STORED;
