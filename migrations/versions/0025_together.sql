-- A rule over a hundred thousand goods means millions of pairs: what it speaks of, and what it names,
-- stand apart, and the pairs are made for the goods of one basket.
CREATE TABLE crosssell_targets (
  rule UUID NOT NULL,
  target VARCHAR(64) NOT NULL,
  CONSTRAINT pk_crosssell_targets PRIMARY KEY (rule, target),
  CONSTRAINT fk_crosssell_targets_rule FOREIGN KEY(rule) REFERENCES crosssell_rules (id) ON DELETE CASCADE
);
INSERT INTO crosssell_targets (rule, target) SELECT DISTINCT rule, target FROM crosssell_matches;

ALTER TABLE crosssell_matches DROP CONSTRAINT pk_crosssell_matches;
DELETE FROM crosssell_matches AS one USING crosssell_matches AS other
  WHERE other.rule = one.rule AND other.source = one.source AND other.target < one.target;
ALTER TABLE crosssell_matches DROP COLUMN target;
ALTER TABLE crosssell_matches ADD CONSTRAINT pk_crosssell_matches PRIMARY KEY (rule, source);
