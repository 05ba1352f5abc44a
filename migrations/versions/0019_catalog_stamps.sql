CREATE TABLE catalog_stamps (
  id INTEGER NOT NULL,
  stamp UUID NOT NULL,
  CONSTRAINT pk_catalog_stamps PRIMARY KEY (id),
  CONSTRAINT ck_catalog_stamps_one CHECK (id = 1)
);
INSERT INTO catalog_stamps (id, stamp) VALUES (1, gen_random_uuid());

-- Goods, prices, texts or promotions have changed: pages that were kept are made anew. The triggers
-- are set after every upgrade (migrations/run.py), on every table of the catalog that pages show.
CREATE FUNCTION stamp_catalog() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog_stamps (id, stamp) VALUES (1, gen_random_uuid())
    ON CONFLICT (id) DO UPDATE SET stamp = excluded.stamp;
    RETURN NULL;
END $$;

-- An order that uses a promotion changes no price, unless it is the last one, or a use comes back.
CREATE FUNCTION stamp_used_up() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM promotions
        WHERE ref = NEW.promotion AND limit_total IS NOT NULL AND (
            NEW.uses < 0
            OR limit_total <= (SELECT sum(uses) FROM promotion_uses WHERE promotion = ref)
        )
    ) THEN
        INSERT INTO catalog_stamps (id, stamp) VALUES (1, gen_random_uuid())
        ON CONFLICT (id) DO UPDATE SET stamp = excluded.stamp;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER stamp_used_up AFTER INSERT ON promotion_uses
  FOR EACH ROW EXECUTE FUNCTION stamp_used_up();
