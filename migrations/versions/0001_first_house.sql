-- The first house: every table of the first release, as PostgreSQL 15 to 18 understand it.

CREATE SEQUENCE parcel_serials;

CREATE TABLE shop_clock (
  id INTEGER NOT NULL,
  offset_seconds DOUBLE PRECISION NOT NULL,
  CONSTRAINT pk_shop_clock PRIMARY KEY (id)
);

CREATE TABLE outbox_events (
  id UUID NOT NULL,
  name VARCHAR(64) NOT NULL,
  payload JSONB NOT NULL,
  occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE NOT NULL,
  attempts INTEGER NOT NULL,
  delivered_at TIMESTAMP WITH TIME ZONE,
  dead_at TIMESTAMP WITH TIME ZONE,
  last_error TEXT,
  CONSTRAINT pk_outbox_events PRIMARY KEY (id)
);

CREATE INDEX ix_outbox_events_waiting ON outbox_events (due_at) WHERE delivered_at IS NULL AND dead_at IS NULL;

CREATE TABLE event_deliveries (
  event_id UUID NOT NULL,
  handler VARCHAR(128) NOT NULL,
  handled_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_event_deliveries PRIMARY KEY (event_id, handler)
);

CREATE TABLE number_ranges (
  name VARCHAR(64) NOT NULL,
  last INTEGER NOT NULL,
  CONSTRAINT pk_number_ranges PRIMARY KEY (name)
);

CREATE TABLE categories (
  slug VARCHAR(64) NOT NULL,
  parent VARCHAR(64),
  name_de TEXT NOT NULL,
  name_en TEXT NOT NULL,
  title_de TEXT NOT NULL,
  title_en TEXT NOT NULL,
  intro_de TEXT NOT NULL,
  intro_en TEXT NOT NULL,
  position INTEGER NOT NULL,
  facets JSONB NOT NULL,
  CONSTRAINT pk_categories PRIMARY KEY (slug),
  CONSTRAINT fk_categories_parent FOREIGN KEY(parent) REFERENCES categories (slug)
);

CREATE TABLE price_groups (
  code VARCHAR(32) NOT NULL,
  name_de TEXT NOT NULL,
  name_en TEXT NOT NULL,
  discount_basis_points INTEGER NOT NULL,
  CONSTRAINT pk_price_groups PRIMARY KEY (code)
);

CREATE TABLE documents (
  slug VARCHAR(96) NOT NULL,
  kind VARCHAR(16) NOT NULL,
  title_de TEXT NOT NULL,
  title_en TEXT NOT NULL,
  summary_de TEXT NOT NULL,
  summary_en TEXT NOT NULL,
  language VARCHAR(8) NOT NULL,
  path TEXT NOT NULL,
  pages INTEGER,
  seconds INTEGER,
  bytes INTEGER NOT NULL,
  type_number VARCHAR(64),
  facts JSONB NOT NULL,
  position INTEGER NOT NULL,
  CONSTRAINT pk_documents PRIMARY KEY (slug),
  CONSTRAINT ck_documents_kind CHECK (kind IN ('manual', 'guide', 'table', 'safety', 'film'))
);

CREATE INDEX ix_documents_type_number ON documents (type_number);

CREATE TABLE synonyms (
  word VARCHAR(96) NOT NULL,
  meaning VARCHAR(96) NOT NULL,
  CONSTRAINT pk_synonyms PRIMARY KEY (word, meaning)
);

CREATE TABLE search_entries (
  id UUID DEFAULT gen_random_uuid() NOT NULL,
  kind VARCHAR(16) NOT NULL,
  ref VARCHAR(96) NOT NULL,
  title_de TEXT NOT NULL,
  title_en TEXT NOT NULL,
  names TEXT[] NOT NULL,
  title TEXT NOT NULL,
  folded TEXT NOT NULL,
  body TEXT NOT NULL,
  codes TEXT[] NOT NULL,
  position INTEGER NOT NULL,
  words TSVECTOR GENERATED ALWAYS AS (setweight(to_tsvector('german', title), 'A') || setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('german', folded), 'B') || setweight(to_tsvector('simple', folded), 'B') || setweight(to_tsvector('german', body), 'D')) STORED NOT NULL,
  CONSTRAINT pk_search_entries PRIMARY KEY (id),
  CONSTRAINT uq_search_entries_kind_ref UNIQUE (kind, ref)
);

CREATE INDEX ix_search_entries_words ON search_entries USING gin (words);

CREATE INDEX ix_search_entries_codes ON search_entries USING gin (codes);

CREATE TABLE search_words (
  word TEXT COLLATE "C" NOT NULL,
  stem TEXT NOT NULL,
  entries INTEGER NOT NULL,
  CONSTRAINT pk_search_words PRIMARY KEY (word)
);

CREATE INDEX ix_search_words_trigrams ON search_words USING gin (word gin_trgm_ops);

CREATE INDEX ix_search_words_stem ON search_words (stem);

CREATE TABLE locations (
  code VARCHAR(32) NOT NULL,
  kind VARCHAR(16) NOT NULL,
  name TEXT NOT NULL,
  street TEXT NOT NULL,
  postal_code VARCHAR(10) NOT NULL,
  city TEXT NOT NULL,
  state VARCHAR(2) NOT NULL,
  phone VARCHAR(20) NOT NULL,
  email TEXT NOT NULL,
  contact TEXT NOT NULL,
  latitude DOUBLE PRECISION NOT NULL,
  longitude DOUBLE PRECISION NOT NULL,
  opening_hours JSONB NOT NULL,
  cut_off VARCHAR(5) NOT NULL,
  capacity_per_day INTEGER NOT NULL,
  handling_line_minor INTEGER NOT NULL,
  handling_unit_minor INTEGER NOT NULL,
  groups JSONB NOT NULL,
  tariffs JSONB NOT NULL,
  position INTEGER NOT NULL,
  CONSTRAINT pk_locations PRIMARY KEY (code),
  CONSTRAINT ck_locations_kind CHECK (kind IN ('warehouse', 'store')),
  CONSTRAINT ck_locations_capacity CHECK (capacity_per_day >= 0)
);

CREATE TABLE tariffs (
  code VARCHAR(32) NOT NULL,
  name TEXT NOT NULL,
  carrier TEXT NOT NULL,
  carrier_days JSONB NOT NULL,
  zones JSONB NOT NULL,
  groups JSONB NOT NULL,
  CONSTRAINT pk_tariffs PRIMARY KEY (code)
);

CREATE TABLE routing_decisions (
  id UUID NOT NULL,
  order_ref VARCHAR(32) NOT NULL,
  cause VARCHAR(32) NOT NULL,
  decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
  cost_minor INTEGER NOT NULL,
  proved BOOLEAN NOT NULL,
  decision JSONB NOT NULL,
  CONSTRAINT pk_routing_decisions PRIMARY KEY (id)
);

CREATE INDEX ix_routing_decisions_order_ref ON routing_decisions (order_ref);

CREATE TABLE customers (
  id UUID NOT NULL,
  number VARCHAR(16) NOT NULL,
  salutation VARCHAR(16) NOT NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  phone VARCHAR(20),
  street TEXT NOT NULL,
  postal_code VARCHAR(10) NOT NULL,
  city TEXT NOT NULL,
  price_group VARCHAR(32) NOT NULL,
  contact_by VARCHAR(8) NOT NULL,
  home_location VARCHAR(32),
  language VARCHAR(2) NOT NULL,
  since_on DATE NOT NULL,
  CONSTRAINT pk_customers PRIMARY KEY (id),
  CONSTRAINT ck_customers_contact_by CHECK (contact_by IN ('mail', 'call')),
  CONSTRAINT uq_customers_number UNIQUE (number)
);

CREATE INDEX ix_customers_phone ON customers (phone);

CREATE INDEX ix_customers_email ON customers (email);

CREATE TABLE baskets (
  id UUID NOT NULL,
  token VARCHAR(64) NOT NULL,
  channel VARCHAR(16) NOT NULL,
  customer_number VARCHAR(16),
  order_ref VARCHAR(32),
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_baskets PRIMARY KEY (id),
  CONSTRAINT uq_baskets_token UNIQUE (token)
);

CREATE TABLE order_timeline (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  order_ref VARCHAR(32) NOT NULL,
  happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  actor TEXT NOT NULL,
  what VARCHAR(48) NOT NULL,
  facts JSONB NOT NULL,
  CONSTRAINT pk_order_timeline PRIMARY KEY (id)
);

CREATE INDEX ix_order_timeline_order_ref ON order_timeline (order_ref, id);

CREATE TABLE payments (
  id UUID NOT NULL,
  order_ref VARCHAR(32) NOT NULL,
  method VARCHAR(16) NOT NULL,
  state VARCHAR(16) NOT NULL,
  amount_minor INTEGER NOT NULL,
  captured_minor INTEGER NOT NULL,
  refunded_minor INTEGER NOT NULL,
  currency VARCHAR(3) NOT NULL,
  provider_session VARCHAR(255),
  provider_intent VARCHAR(255),
  page_url TEXT,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  captured_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_payments PRIMARY KEY (id),
  CONSTRAINT ck_payments_amount CHECK (amount_minor >= 0),
  CONSTRAINT ck_payments_refunded CHECK (refunded_minor >= 0 AND refunded_minor <= captured_minor AND captured_minor <= amount_minor),
  CONSTRAINT ck_payments_state CHECK (state IN ('intended', 'open', 'captured', 'failed', 'expired')),
  CONSTRAINT uq_payments_provider_session UNIQUE (provider_session),
  CONSTRAINT uq_payments_provider_intent UNIQUE (provider_intent)
);

CREATE INDEX ix_payments_order_ref ON payments (order_ref);

CREATE TABLE webhook_receipts (
  event_id VARCHAR(255) NOT NULL,
  kind VARCHAR(64) NOT NULL,
  payload JSONB NOT NULL,
  received_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_webhook_receipts PRIMARY KEY (event_id)
);

CREATE TABLE messages (
  id UUID NOT NULL,
  order_ref VARCHAR(32),
  kind VARCHAR(32) NOT NULL,
  recipient TEXT NOT NULL,
  subject TEXT NOT NULL,
  body_text TEXT NOT NULL,
  body_html TEXT NOT NULL,
  facts JSONB NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  sent_at TIMESTAMP WITH TIME ZONE,
  attempts INTEGER NOT NULL,
  last_error TEXT,
  key VARCHAR(128) NOT NULL,
  CONSTRAINT pk_messages PRIMARY KEY (id),
  CONSTRAINT uq_messages_key UNIQUE (key)
);

CREATE INDEX ix_messages_order_ref ON messages (order_ref);

CREATE INDEX ix_messages_unsent ON messages (created_at) WHERE sent_at IS NULL;

CREATE TABLE campaigns (
  code VARCHAR(64) NOT NULL,
  title_de TEXT NOT NULL,
  title_en TEXT NOT NULL,
  text_de TEXT NOT NULL,
  text_en TEXT NOT NULL,
  category VARCHAR(64),
  next_document VARCHAR(96),
  owner TEXT NOT NULL,
  starts_on DATE NOT NULL,
  ends_on DATE NOT NULL,
  cost_minor INTEGER NOT NULL,
  paper_grams INTEGER NOT NULL,
  CONSTRAINT pk_campaigns PRIMARY KEY (code),
  CONSTRAINT ck_campaigns_dates CHECK (ends_on >= starts_on)
);

CREATE TABLE replayed_invoices (
  source VARCHAR(32) NOT NULL,
  invoice VARCHAR(32) NOT NULL,
  outcome VARCHAR(16) NOT NULL,
  lines INTEGER NOT NULL,
  units INTEGER NOT NULL,
  done_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_replayed_invoices PRIMARY KEY (source, invoice)
);

CREATE TABLE products (
  slug VARCHAR(96) NOT NULL,
  category VARCHAR(64) NOT NULL,
  family VARCHAR(32) NOT NULL,
  name_de TEXT NOT NULL,
  name_en TEXT NOT NULL,
  text_de TEXT NOT NULL,
  text_en TEXT NOT NULL,
  brand TEXT NOT NULL,
  type_number VARCHAR(64),
  maker JSONB NOT NULL,
  safety_de TEXT NOT NULL,
  safety_en TEXT NOT NULL,
  age_min INTEGER NOT NULL,
  weee_number VARCHAR(16),
  attributes JSONB NOT NULL,
  position INTEGER NOT NULL,
  keywords TEXT NOT NULL,
  CONSTRAINT pk_products PRIMARY KEY (slug),
  CONSTRAINT fk_products_category FOREIGN KEY(category) REFERENCES categories (slug)
);

CREATE INDEX ix_products_category ON products (category);

CREATE INDEX ix_products_type_number ON products (type_number);

CREATE TABLE landing_terms (
  term VARCHAR(96) NOT NULL,
  category VARCHAR(64) NOT NULL,
  CONSTRAINT pk_landing_terms PRIMARY KEY (term),
  CONSTRAINT fk_landing_terms_category FOREIGN KEY(category) REFERENCES categories (slug)
);

CREATE TABLE stock_reservations (
  id UUID NOT NULL,
  order_ref VARCHAR(32) NOT NULL,
  line_id UUID NOT NULL,
  sku VARCHAR(64) NOT NULL,
  location VARCHAR(32) NOT NULL,
  quantity INTEGER NOT NULL,
  state VARCHAR(16) NOT NULL,
  placed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_stock_reservations PRIMARY KEY (id),
  CONSTRAINT ck_stock_reservations_quantity CHECK (quantity > 0),
  CONSTRAINT ck_stock_reservations_state CHECK (state IN ('held', 'claimed', 'released', 'expired', 'lost')),
  CONSTRAINT ck_stock_reservations_ended CHECK ((state = 'held') = (ended_at IS NULL)),
  CONSTRAINT fk_stock_reservations_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE INDEX ix_stock_reservations_held ON stock_reservations (location, sku, expires_at) WHERE state = 'held';

CREATE INDEX ix_stock_reservations_order_ref ON stock_reservations (order_ref);

CREATE TABLE shortages (
  id UUID NOT NULL,
  order_ref VARCHAR(32) NOT NULL,
  line_id UUID NOT NULL,
  sku VARCHAR(64) NOT NULL,
  location VARCHAR(32) NOT NULL,
  quantity INTEGER NOT NULL,
  cause VARCHAR(32) NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  resolved_at TIMESTAMP WITH TIME ZONE,
  resolution VARCHAR(32),
  CONSTRAINT pk_shortages PRIMARY KEY (id),
  CONSTRAINT ck_shortages_quantity CHECK (quantity > 0),
  CONSTRAINT fk_shortages_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE INDEX ix_shortages_open ON shortages (order_ref) WHERE resolved_at IS NULL;

CREATE TABLE count_tasks (
  id UUID NOT NULL,
  location VARCHAR(32) NOT NULL,
  sku VARCHAR(64) NOT NULL,
  cause VARCHAR(32) NOT NULL,
  document TEXT NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  done_at TIMESTAMP WITH TIME ZONE,
  counted INTEGER,
  done_by TEXT,
  CONSTRAINT pk_count_tasks PRIMARY KEY (id),
  CONSTRAINT fk_count_tasks_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE UNIQUE INDEX uq_count_tasks_open ON count_tasks (location, sku) WHERE done_at IS NULL;

CREATE TABLE closed_days (
  location VARCHAR(32) NOT NULL,
  day DATE NOT NULL,
  reason TEXT NOT NULL,
  CONSTRAINT pk_closed_days PRIMARY KEY (location, day),
  CONSTRAINT fk_closed_days_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE TABLE fulfilment_orders (
  id UUID NOT NULL,
  order_ref VARCHAR(32) NOT NULL,
  location VARCHAR(32) NOT NULL,
  state VARCHAR(16) NOT NULL,
  tariff VARCHAR(32) NOT NULL,
  address JSONB NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ships_on DATE NOT NULL,
  arrives_on DATE NOT NULL,
  picker TEXT,
  picking_at TIMESTAMP WITH TIME ZONE,
  picked_at TIMESTAMP WITH TIME ZONE,
  packed_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_fulfilment_orders PRIMARY KEY (id),
  CONSTRAINT ck_fulfilment_orders_state CHECK (state IN ('open', 'picking', 'picked', 'packed', 'handed_over', 'cancelled')),
  CONSTRAINT fk_fulfilment_orders_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE INDEX ix_fulfilment_orders_location_state ON fulfilment_orders (location, state);

CREATE INDEX ix_fulfilment_orders_order_ref ON fulfilment_orders (order_ref);

CREATE TABLE stock_movements (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  sku VARCHAR(64) NOT NULL,
  quantity INTEGER NOT NULL,
  from_account VARCHAR(16) NOT NULL,
  from_location VARCHAR(32),
  to_account VARCHAR(16) NOT NULL,
  to_location VARCHAR(32),
  cause VARCHAR(32) NOT NULL,
  document TEXT NOT NULL,
  actor TEXT NOT NULL,
  channel VARCHAR(16) NOT NULL,
  moved_at TIMESTAMP WITH TIME ZONE NOT NULL,
  booked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  key VARCHAR(128) NOT NULL,
  CONSTRAINT pk_stock_movements PRIMARY KEY (id),
  CONSTRAINT ck_stock_movements_quantity CHECK (quantity > 0),
  CONSTRAINT ck_stock_movements_accounts CHECK (from_account IN ('shelf', 'quarantine', 'transit', 'supplier', 'customer', 'variance', 'loss') AND to_account IN ('shelf', 'quarantine', 'transit', 'supplier', 'customer', 'variance', 'loss')),
  CONSTRAINT ck_stock_movements_moves CHECK ((from_account, coalesce(from_location, '')) <> (to_account, coalesce(to_location, ''))),
  CONSTRAINT ck_stock_movements_from CHECK ((from_account IN ('shelf', 'quarantine', 'transit')) = (from_location IS NOT NULL)),
  CONSTRAINT ck_stock_movements_to CHECK ((to_account IN ('shelf', 'quarantine', 'transit')) = (to_location IS NOT NULL)),
  CONSTRAINT fk_stock_movements_from_location FOREIGN KEY(from_location) REFERENCES locations (code),
  CONSTRAINT fk_stock_movements_to_location FOREIGN KEY(to_location) REFERENCES locations (code),
  CONSTRAINT uq_stock_movements_key UNIQUE (key)
);

CREATE INDEX ix_stock_movements_sku_id ON stock_movements (sku, id);

CREATE TABLE stock_balances (
  location VARCHAR(32) NOT NULL,
  sku VARCHAR(64) NOT NULL,
  on_hand INTEGER NOT NULL,
  quarantined INTEGER NOT NULL,
  reserved INTEGER NOT NULL,
  allocated INTEGER NOT NULL,
  picked INTEGER NOT NULL,
  in_transit INTEGER NOT NULL,
  safety_stock INTEGER NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_stock_balances PRIMARY KEY (location, sku),
  CONSTRAINT ck_stock_balances_on_hand CHECK (on_hand >= 0),
  CONSTRAINT ck_stock_balances_quarantined CHECK (quarantined >= 0 AND quarantined <= on_hand),
  CONSTRAINT ck_stock_balances_reserved CHECK (reserved >= 0),
  CONSTRAINT ck_stock_balances_allocated CHECK (allocated >= 0),
  CONSTRAINT ck_stock_balances_picked CHECK (picked >= 0 AND picked <= allocated),
  CONSTRAINT ck_stock_balances_safety_stock CHECK (safety_stock >= 0),
  CONSTRAINT ck_stock_balances_in_transit CHECK (in_transit >= 0),
  CONSTRAINT ck_stock_balances_claims_covered CHECK (reserved + allocated <= on_hand - quarantined),
  CONSTRAINT fk_stock_balances_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE INDEX ix_stock_balances_sku ON stock_balances (sku);

CREATE TABLE points_entries (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  number VARCHAR(16) NOT NULL,
  points INTEGER NOT NULL,
  cause VARCHAR(32) NOT NULL,
  document TEXT NOT NULL,
  entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
  key VARCHAR(128) NOT NULL,
  CONSTRAINT pk_points_entries PRIMARY KEY (id),
  CONSTRAINT ck_points_entries_points CHECK (points <> 0),
  CONSTRAINT fk_points_entries_number FOREIGN KEY(number) REFERENCES customers (number),
  CONSTRAINT uq_points_entries_key UNIQUE (key)
);

CREATE INDEX ix_points_entries_number ON points_entries (number);

CREATE TABLE points_balances (
  number VARCHAR(16) NOT NULL,
  points INTEGER NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_points_balances PRIMARY KEY (number),
  CONSTRAINT fk_points_balances_number FOREIGN KEY(number) REFERENCES customers (number)
);

CREATE TABLE staff (
  id UUID NOT NULL,
  email VARCHAR(254) NOT NULL,
  name TEXT NOT NULL,
  role VARCHAR(16) NOT NULL,
  location VARCHAR(32),
  password_hash TEXT NOT NULL,
  active BOOLEAN NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_staff PRIMARY KEY (id),
  CONSTRAINT ck_staff_role CHECK (role IN ('cashier', 'picker', 'store_lead', 'service', 'back_office', 'admin')),
  CONSTRAINT uq_staff_email UNIQUE (email),
  CONSTRAINT fk_staff_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE TABLE devices (
  id UUID NOT NULL,
  code VARCHAR(32) NOT NULL,
  name TEXT NOT NULL,
  location VARCHAR(32) NOT NULL,
  token_hash VARCHAR(64) NOT NULL,
  enrolled_at TIMESTAMP WITH TIME ZONE NOT NULL,
  revoked_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_devices PRIMARY KEY (id),
  CONSTRAINT uq_devices_code UNIQUE (code),
  CONSTRAINT fk_devices_location FOREIGN KEY(location) REFERENCES locations (code),
  CONSTRAINT uq_devices_token_hash UNIQUE (token_hash)
);

CREATE TABLE basket_lines (
  basket_id UUID NOT NULL,
  sku VARCHAR(64) NOT NULL,
  quantity INTEGER NOT NULL,
  added_at TIMESTAMP WITH TIME ZONE NOT NULL,
  source VARCHAR(32) NOT NULL,
  CONSTRAINT pk_basket_lines PRIMARY KEY (basket_id, sku),
  CONSTRAINT ck_basket_lines_quantity CHECK (quantity > 0),
  CONSTRAINT fk_basket_lines_basket_id FOREIGN KEY(basket_id) REFERENCES baskets (id) ON DELETE CASCADE
);

CREATE TABLE orders (
  id UUID NOT NULL,
  ref VARCHAR(32) NOT NULL,
  token VARCHAR(64) NOT NULL,
  channel VARCHAR(16) NOT NULL,
  location VARCHAR(32),
  sale_id VARCHAR(64),
  sale_digest VARCHAR(64),
  device VARCHAR(32),
  receipt_number VARCHAR(32),
  basket_id UUID,
  state VARCHAR(16) NOT NULL,
  customer_number VARCHAR(16),
  price_group VARCHAR(32) NOT NULL,
  language VARCHAR(2) NOT NULL,
  email TEXT,
  phone VARCHAR(20),
  contact_by VARCHAR(8) NOT NULL,
  address JSONB NOT NULL,
  currency VARCHAR(3) NOT NULL,
  goods_minor INTEGER NOT NULL,
  discount_minor INTEGER NOT NULL,
  shipping_minor INTEGER NOT NULL,
  total_minor INTEGER NOT NULL,
  need_by_on DATE,
  promised_on DATE,
  placed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  pay_by_at TIMESTAMP WITH TIME ZONE,
  confirmed_at TIMESTAMP WITH TIME ZONE,
  completed_at TIMESTAMP WITH TIME ZONE,
  closed_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_orders PRIMARY KEY (id),
  CONSTRAINT ck_orders_channel CHECK (channel IN ('web', 'till', 'phone')),
  CONSTRAINT ck_orders_state CHECK (state IN ('placed', 'confirmed', 'completed', 'lapsed', 'cancelled')),
  CONSTRAINT ck_orders_total CHECK (total_minor = goods_minor + shipping_minor - discount_minor),
  CONSTRAINT uq_orders_sale_id UNIQUE (sale_id),
  CONSTRAINT uq_orders_ref UNIQUE (ref),
  CONSTRAINT fk_orders_location FOREIGN KEY(location) REFERENCES locations (code),
  CONSTRAINT uq_orders_receipt_number UNIQUE (receipt_number),
  CONSTRAINT fk_orders_basket_id FOREIGN KEY(basket_id) REFERENCES baskets (id)
);

CREATE INDEX ix_orders_placed_at ON orders (placed_at);

CREATE INDEX ix_orders_email ON orders (email);

CREATE INDEX ix_orders_customer_number ON orders (customer_number);

CREATE INDEX ix_orders_unpaid ON orders (pay_by_at) WHERE state = 'placed';

CREATE INDEX ix_orders_confirmed ON orders (id) WHERE state = 'confirmed';

CREATE TABLE refunds (
  id UUID NOT NULL,
  payment_id UUID NOT NULL,
  amount_minor INTEGER NOT NULL,
  cause TEXT NOT NULL,
  state VARCHAR(16) NOT NULL,
  provider_refund VARCHAR(255),
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  key VARCHAR(128) NOT NULL,
  CONSTRAINT pk_refunds PRIMARY KEY (id),
  CONSTRAINT ck_refunds_amount CHECK (amount_minor > 0),
  CONSTRAINT ck_refunds_state CHECK (state IN ('intended', 'succeeded', 'failed')),
  CONSTRAINT fk_refunds_payment_id FOREIGN KEY(payment_id) REFERENCES payments (id),
  CONSTRAINT uq_refunds_provider_refund UNIQUE (provider_refund),
  CONSTRAINT uq_refunds_key UNIQUE (key)
);

CREATE INDEX ix_refunds_payment_id ON refunds (payment_id);

CREATE TABLE call_tasks (
  id UUID NOT NULL,
  order_ref VARCHAR(32) NOT NULL,
  location VARCHAR(32) NOT NULL,
  customer_name TEXT NOT NULL,
  phone VARCHAR(20) NOT NULL,
  kind VARCHAR(32) NOT NULL,
  facts JSONB NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE NOT NULL,
  done_at TIMESTAMP WITH TIME ZONE,
  done_by TEXT,
  outcome VARCHAR(16),
  key VARCHAR(128) NOT NULL,
  CONSTRAINT pk_call_tasks PRIMARY KEY (id),
  CONSTRAINT ck_call_tasks_outcome CHECK (outcome IN ('reached', 'voicemail', 'mailed_instead')),
  CONSTRAINT fk_call_tasks_location FOREIGN KEY(location) REFERENCES locations (code),
  CONSTRAINT uq_call_tasks_key UNIQUE (key)
);

CREATE INDEX ix_call_tasks_due ON call_tasks (due_at) WHERE done_at IS NULL;

CREATE INDEX ix_call_tasks_order_ref ON call_tasks (order_ref);

CREATE TABLE replay_refusals (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  source VARCHAR(32) NOT NULL,
  invoice VARCHAR(32) NOT NULL,
  line INTEGER NOT NULL,
  sku TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  reason VARCHAR(32) NOT NULL,
  CONSTRAINT pk_replay_refusals PRIMARY KEY (id),
  CONSTRAINT fk_replay_refusals_source_invoice FOREIGN KEY(source, invoice) REFERENCES replayed_invoices (source, invoice)
);

CREATE INDEX ix_replay_refusals_invoice ON replay_refusals (invoice);

CREATE TABLE items (
  sku VARCHAR(64) NOT NULL,
  product VARCHAR(96) NOT NULL,
  gtin VARCHAR(14),
  variant_de TEXT NOT NULL,
  variant_en TEXT NOT NULL,
  weight_grams INTEGER NOT NULL,
  vat_basis_points INTEGER NOT NULL,
  shipping_group VARCHAR(8) NOT NULL,
  content_quantity INTEGER,
  content_unit VARCHAR(8),
  attributes JSONB NOT NULL,
  position INTEGER NOT NULL,
  sellable BOOLEAN NOT NULL,
  picture TEXT,
  CONSTRAINT pk_items PRIMARY KEY (sku),
  CONSTRAINT ck_items_weight CHECK (weight_grams > 0),
  CONSTRAINT ck_items_vat CHECK (vat_basis_points IN (0, 700, 1900)),
  CONSTRAINT ck_items_shipping_group CHECK (shipping_group IN ('std', 'haz', 'bulky')),
  CONSTRAINT fk_items_product FOREIGN KEY(product) REFERENCES products (slug),
  CONSTRAINT uq_items_gtin UNIQUE (gtin)
);

CREATE INDEX ix_items_product ON items (product);

CREATE TABLE document_links (
  id UUID NOT NULL,
  document VARCHAR(96) NOT NULL,
  product VARCHAR(96),
  category VARCHAR(64),
  CONSTRAINT pk_document_links PRIMARY KEY (id),
  CONSTRAINT ck_document_links_target CHECK ((product IS NULL) <> (category IS NULL)),
  CONSTRAINT uq_document_links_document_product_category UNIQUE NULLS NOT DISTINCT (document, product, category),
  CONSTRAINT fk_document_links_document FOREIGN KEY(document) REFERENCES documents (slug),
  CONSTRAINT fk_document_links_product FOREIGN KEY(product) REFERENCES products (slug),
  CONSTRAINT fk_document_links_category FOREIGN KEY(category) REFERENCES categories (slug)
);

CREATE INDEX ix_document_links_product ON document_links (product);

CREATE INDEX ix_document_links_category ON document_links (category);

CREATE TABLE shipments (
  id UUID NOT NULL,
  order_ref VARCHAR(32) NOT NULL,
  fulfilment_order_id UUID NOT NULL,
  location VARCHAR(32) NOT NULL,
  carrier TEXT NOT NULL,
  handed_over_at TIMESTAMP WITH TIME ZONE NOT NULL,
  handed_over_by TEXT NOT NULL,
  CONSTRAINT pk_shipments PRIMARY KEY (id),
  CONSTRAINT fk_shipments_fulfilment_order_id FOREIGN KEY(fulfilment_order_id) REFERENCES fulfilment_orders (id),
  CONSTRAINT fk_shipments_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE INDEX ix_shipments_order_ref ON shipments (order_ref);

CREATE TABLE order_lines (
  id UUID NOT NULL,
  order_id UUID NOT NULL,
  position INTEGER NOT NULL,
  sku VARCHAR(64) NOT NULL,
  title TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  unit_minor INTEGER NOT NULL,
  line_minor INTEGER NOT NULL,
  vat_basis_points INTEGER NOT NULL,
  weight_grams INTEGER NOT NULL,
  shipping_group VARCHAR(8) NOT NULL,
  promised_on DATE,
  shipped INTEGER NOT NULL,
  cancelled INTEGER NOT NULL,
  returned INTEGER NOT NULL,
  CONSTRAINT pk_order_lines PRIMARY KEY (id),
  CONSTRAINT ck_order_lines_quantity CHECK (quantity > 0),
  CONSTRAINT ck_order_lines_counts CHECK (shipped >= 0 AND cancelled >= 0 AND returned >= 0),
  CONSTRAINT ck_order_lines_shipped CHECK (shipped + cancelled <= quantity),
  CONSTRAINT ck_order_lines_returned CHECK (returned <= shipped),
  CONSTRAINT uq_order_lines_order_id_position UNIQUE (order_id, position),
  CONSTRAINT fk_order_lines_order_id FOREIGN KEY(order_id) REFERENCES orders (id)
);

CREATE INDEX ix_order_lines_sku ON order_lines (sku);

CREATE TABLE prices (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  sku VARCHAR(64) NOT NULL,
  amount_minor INTEGER NOT NULL,
  valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
  reduced BOOLEAN NOT NULL,
  CONSTRAINT pk_prices PRIMARY KEY (id),
  CONSTRAINT ck_prices_amount CHECK (amount_minor > 0),
  CONSTRAINT uq_prices_sku_valid_from UNIQUE (sku, valid_from),
  CONSTRAINT fk_prices_sku FOREIGN KEY(sku) REFERENCES items (sku)
);

CREATE TABLE item_links (
  id UUID NOT NULL,
  kind VARCHAR(8) NOT NULL,
  source VARCHAR(64),
  document VARCHAR(96),
  target VARCHAR(64) NOT NULL,
  reason_de TEXT NOT NULL,
  reason_en TEXT NOT NULL,
  rank INTEGER NOT NULL,
  CONSTRAINT pk_item_links PRIMARY KEY (id),
  CONSTRAINT ck_item_links_kind CHECK (kind IN ('needs', 'fits')),
  CONSTRAINT ck_item_links_origin CHECK ((source IS NULL) <> (document IS NULL)),
  CONSTRAINT uq_item_links_source_document_target UNIQUE NULLS NOT DISTINCT (source, document, target),
  CONSTRAINT fk_item_links_source FOREIGN KEY(source) REFERENCES items (sku),
  CONSTRAINT fk_item_links_document FOREIGN KEY(document) REFERENCES documents (slug),
  CONSTRAINT fk_item_links_target FOREIGN KEY(target) REFERENCES items (sku)
);

CREATE INDEX ix_item_links_source ON item_links (source);

CREATE INDEX ix_item_links_target ON item_links (target);

CREATE INDEX ix_item_links_document ON item_links (document);

CREATE TABLE parcels (
  id UUID NOT NULL,
  order_ref VARCHAR(32) NOT NULL,
  fulfilment_order_id UUID NOT NULL,
  location VARCHAR(32) NOT NULL,
  sscc VARCHAR(18) NOT NULL,
  weight_grams INTEGER NOT NULL,
  sealed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  arrives_on DATE NOT NULL,
  shipment_id UUID,
  tracking_code VARCHAR(64),
  delivered_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_parcels PRIMARY KEY (id),
  CONSTRAINT ck_parcels_weight CHECK (weight_grams >= 0),
  CONSTRAINT fk_parcels_fulfilment_order_id FOREIGN KEY(fulfilment_order_id) REFERENCES fulfilment_orders (id),
  CONSTRAINT fk_parcels_location FOREIGN KEY(location) REFERENCES locations (code),
  CONSTRAINT uq_parcels_sscc UNIQUE (sscc),
  CONSTRAINT fk_parcels_shipment_id FOREIGN KEY(shipment_id) REFERENCES shipments (id)
);

CREATE INDEX ix_parcels_fulfilment_order_id ON parcels (fulfilment_order_id);

CREATE INDEX ix_parcels_order_ref ON parcels (order_ref);

CREATE TABLE order_returns (
  id UUID NOT NULL,
  order_id UUID NOT NULL,
  line_id UUID NOT NULL,
  quantity INTEGER NOT NULL,
  refund_minor INTEGER NOT NULL,
  location VARCHAR(32) NOT NULL,
  disposition VARCHAR(16) NOT NULL,
  reason TEXT NOT NULL,
  returned_at TIMESTAMP WITH TIME ZONE NOT NULL,
  key VARCHAR(128) NOT NULL,
  CONSTRAINT pk_order_returns PRIMARY KEY (id),
  CONSTRAINT ck_order_returns_quantity CHECK (quantity > 0),
  CONSTRAINT fk_order_returns_order_id FOREIGN KEY(order_id) REFERENCES orders (id),
  CONSTRAINT fk_order_returns_line_id FOREIGN KEY(line_id) REFERENCES order_lines (id),
  CONSTRAINT fk_order_returns_location FOREIGN KEY(location) REFERENCES locations (code),
  CONSTRAINT uq_order_returns_key UNIQUE (key)
);

CREATE INDEX ix_order_returns_order_id ON order_returns (order_id);

CREATE TABLE stock_allocations (
  id UUID NOT NULL,
  order_ref VARCHAR(32) NOT NULL,
  line_id UUID NOT NULL,
  sku VARCHAR(64) NOT NULL,
  location VARCHAR(32) NOT NULL,
  quantity INTEGER NOT NULL,
  promised_on DATE NOT NULL,
  state VARCHAR(16) NOT NULL,
  fulfilment_order_id UUID,
  parcel_id UUID,
  allocated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_stock_allocations PRIMARY KEY (id),
  CONSTRAINT ck_stock_allocations_quantity CHECK (quantity > 0),
  CONSTRAINT ck_stock_allocations_state CHECK (state IN ('open', 'picked', 'shipped', 'released', 'lost', 'short')),
  CONSTRAINT fk_stock_allocations_location FOREIGN KEY(location) REFERENCES locations (code),
  CONSTRAINT fk_stock_allocations_fulfilment_order_id FOREIGN KEY(fulfilment_order_id) REFERENCES fulfilment_orders (id),
  CONSTRAINT fk_stock_allocations_parcel_id FOREIGN KEY(parcel_id) REFERENCES parcels (id)
);

CREATE INDEX ix_stock_allocations_order_ref ON stock_allocations (order_ref);

CREATE INDEX ix_stock_allocations_live ON stock_allocations (location, sku) WHERE state IN ('open', 'picked');

CREATE INDEX ix_stock_allocations_fulfilment_order_id ON stock_allocations (fulfilment_order_id);

CREATE TABLE parcel_lines (
  parcel_id UUID NOT NULL,
  line_id UUID NOT NULL,
  sku VARCHAR(64) NOT NULL,
  quantity INTEGER NOT NULL,
  CONSTRAINT pk_parcel_lines PRIMARY KEY (parcel_id, line_id),
  CONSTRAINT ck_parcel_lines_quantity CHECK (quantity > 0),
  CONSTRAINT fk_parcel_lines_parcel_id FOREIGN KEY(parcel_id) REFERENCES parcels (id)
);

CREATE TABLE parcel_inserts (
  id UUID NOT NULL,
  order_ref VARCHAR(32) NOT NULL,
  campaign VARCHAR(64) NOT NULL,
  parcel_id UUID NOT NULL,
  token VARCHAR(64) NOT NULL,
  added_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_parcel_inserts PRIMARY KEY (id),
  CONSTRAINT uq_parcel_inserts_order_ref_campaign UNIQUE (order_ref, campaign),
  CONSTRAINT fk_parcel_inserts_parcel_id FOREIGN KEY(parcel_id) REFERENCES parcels (id),
  CONSTRAINT uq_parcel_inserts_token UNIQUE (token)
);

CREATE TABLE photos (
  id UUID NOT NULL,
  insert_id UUID NOT NULL,
  campaign VARCHAR(64) NOT NULL,
  path TEXT NOT NULL,
  caption TEXT NOT NULL,
  state VARCHAR(8) NOT NULL,
  rights_text TEXT NOT NULL,
  rights_at TIMESTAMP WITH TIME ZONE NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  CONSTRAINT pk_photos PRIMARY KEY (id),
  CONSTRAINT ck_photos_state CHECK (state IN ('new', 'shown', 'hidden')),
  CONSTRAINT fk_photos_insert_id FOREIGN KEY(insert_id) REFERENCES parcel_inserts (id),
  CONSTRAINT fk_photos_campaign FOREIGN KEY(campaign) REFERENCES campaigns (code)
);

CREATE INDEX ix_photos_insert_id ON photos (insert_id);
