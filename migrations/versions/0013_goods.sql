-- What a product page tells: variants, what to compare, product safety.

-- Drafts are not on sale; what was there before is.
ALTER TABLE products
  ADD COLUMN state VARCHAR(12) NOT NULL DEFAULT 'published',
  ADD COLUMN published_at TIMESTAMP WITH TIME ZONE,
  ADD COLUMN series VARCHAR(64),
  ADD COLUMN electrical BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN batteries BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN battery_number VARCHAR(32),
  ADD COLUMN weapon_class VARCHAR(8) NOT NULL DEFAULT 'none',
  ADD COLUMN no_warning TEXT NOT NULL DEFAULT '',
  ADD COLUMN eco_proof TEXT NOT NULL DEFAULT '',
  ADD COLUMN guarantee JSONB NOT NULL DEFAULT '{}',
  ADD CONSTRAINT ck_products_state CHECK (state IN ('draft', 'published', 'withdrawn')),
  ADD CONSTRAINT ck_products_weapon_class CHECK (weapon_class IN ('none', 'blade', 'banned')),
  ADD CONSTRAINT ck_products_never CHECK (weapon_class <> 'banned' OR state <> 'published');
CREATE INDEX ix_products_series ON products (series);

-- The packed unit, for carriers that take nothing longer than so much.
ALTER TABLE items
  ADD COLUMN length_mm INTEGER,
  ADD COLUMN width_mm INTEGER,
  ADD COLUMN height_mm INTEGER,
  ADD COLUMN pictures JSONB NOT NULL DEFAULT '[]',
  ADD CONSTRAINT ck_items_size CHECK (length_mm > 0 AND width_mm > 0 AND height_mm > 0);

-- How attributes are called and written, wherever they are shown.
CREATE TABLE attribute_names (
  key VARCHAR(48) NOT NULL,
  name_de TEXT NOT NULL,
  name_en TEXT NOT NULL,
  unit VARCHAR(8) NOT NULL DEFAULT '',
  divide INTEGER NOT NULL DEFAULT 1,
  "values" JSONB NOT NULL DEFAULT '[]',
  position INTEGER NOT NULL DEFAULT 0,
  CONSTRAINT pk_attribute_names PRIMARY KEY (key),
  CONSTRAINT ck_attribute_names_divide CHECK (divide > 0)
);

-- Pages that people make for a theme, and the terms that lead to them.
CREATE TABLE landing_pages (
  slug VARCHAR(64) NOT NULL,
  title_de TEXT NOT NULL,
  title_en TEXT NOT NULL,
  intro_de TEXT NOT NULL DEFAULT '',
  intro_en TEXT NOT NULL DEFAULT '',
  category VARCHAR(64),
  facets JSONB NOT NULL DEFAULT '{}',
  products JSONB NOT NULL DEFAULT '[]',
  documents JSONB NOT NULL DEFAULT '[]',
  shown BOOLEAN NOT NULL DEFAULT true,
  changed_by TEXT NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_landing_pages PRIMARY KEY (slug),
  CONSTRAINT fk_landing_pages_category
    FOREIGN KEY (category) REFERENCES categories (slug)
);
CREATE TABLE landing_page_terms (
  term VARCHAR(96) NOT NULL,
  typed TEXT NOT NULL,
  page VARCHAR(64) NOT NULL,
  CONSTRAINT pk_landing_page_terms PRIMARY KEY (term),
  CONSTRAINT fk_landing_page_terms_page FOREIGN KEY (page)
    REFERENCES landing_pages (slug) ON DELETE CASCADE
);
CREATE INDEX ix_landing_page_terms_page ON landing_page_terms (page);

-- Notices that the law wants in or beside an offer: wording and first day are data.
CREATE TABLE offer_notices (
  kind VARCHAR(16) NOT NULL,
  valid_from DATE NOT NULL,
  title_de TEXT NOT NULL,
  title_en TEXT NOT NULL,
  text_de TEXT NOT NULL,
  text_en TEXT NOT NULL,
  artwork TEXT,
  source TEXT NOT NULL,
  CONSTRAINT pk_offer_notices PRIMARY KEY (kind, valid_from),
  CONSTRAINT ck_offer_notices_kind CHECK (kind IN ('legal', 'durability', 'bin', 'battery', 'age'))
);
INSERT INTO offer_notices
  (kind, valid_from, title_de, title_en, text_de, text_en, artwork, source)
VALUES
  ('legal', '2026-09-27', 'Gesetzliche Gewährleistung: mindestens 2 Jahre',
   'Legal guarantee of conformity: at least 2 years',
   'Ist die Ware bei der Lieferung mangelhaft, haben Sie mindestens zwei Jahre lang Anspruch auf Nachbesserung oder Ersatz ohne Kosten, danach auf Minderung oder Rücktritt. Im ersten Jahr wird vermutet, dass der Mangel von Anfang an da war.',
   'If goods are not as agreed on delivery, you have at least two years to have them repaired or replaced free of charge, or else to a lower price or your money back. In the first year the fault is presumed to have been there from the start.',
   NULL, 'Regulation (EU) 2025/1960, annex I; sections 437, 438, 477 BGB'),
  ('durability', '2026-09-27', 'Haltbarkeitsgarantie des Herstellers',
   'Commercial guarantee of durability by the producer',
   'Kostenlos, für die ganze Ware, länger als zwei Jahre. Ihre gesetzlichen Rechte bleiben daneben bestehen.',
   'Free of charge, for the entire good, longer than two years. Your legal rights remain beside it.',
   NULL, 'Regulation (EU) 2025/1960, annex II'),
  ('bin', '2026-07-01', 'Nicht in den Hausmüll',
   'Not into household waste',
   'Elektrogeräte werden getrennt gesammelt. Wir nehmen Ihr Altgerät kostenlos zurück: in jeder Filiale, und beim Kauf eines neuen an der Haustür. Batterien und Lampen, die sich entnehmen lassen, bitte vorher herausnehmen; löschen Sie Ihre Daten.',
   'Electrical devices are collected separately. We take your old one back free of charge: in every store, and at your door when you buy a new one. Please take out batteries and lamps that can be removed; delete your data.',
   NULL, 'Sections 17, 18, 18a (4) ElektroG'),
  ('battery', '2025-08-18', 'Batterien zurückgeben',
   'Bring batteries back',
   'Batterien gehören nicht in den Hausmüll. Sie können sie in jeder Filiale kostenlos zurückgeben.',
   'Batteries do not belong in household waste. You can return them free of charge in every store.',
   NULL, 'Regulation (EU) 2023/1542; BattDG'),
  ('age', '2024-10-31', 'Nur an Erwachsene',
   'Adults only',
   'Diesen Artikel geben wir nur an Personen ab, die alt genug sind. Bei der Übergabe wird ein Ausweis verlangt; er wird angesehen, nicht aufbewahrt.',
   'We hand this article only to people who are old enough. An identity card is asked for on delivery; it is looked at, not kept.',
   NULL, 'Section 2 WaffG; JuSchG');
