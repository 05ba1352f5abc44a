-- Customers who sign in, their addresses and consents; invoices; legal texts.

ALTER TABLE customers ADD COLUMN merged_into VARCHAR(16);
ALTER TABLE customers ADD COLUMN erased_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE customers ADD CONSTRAINT fk_customers_merged_into FOREIGN KEY(merged_into) REFERENCES customers (number);
CREATE INDEX ix_customers_merged_into ON customers (merged_into);
CREATE INDEX ix_customers_email_folded ON customers (lower(email));

ALTER TABLE messages ADD COLUMN attachments JSONB NOT NULL DEFAULT '[]';
ALTER TABLE messages ALTER COLUMN attachments DROP DEFAULT;

CREATE TABLE customer_accounts (
  id UUID NOT NULL,
  email VARCHAR(254) NOT NULL,
  number VARCHAR(16) NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_customer_accounts PRIMARY KEY (id),
  CONSTRAINT uq_customer_accounts_email UNIQUE (email),
  CONSTRAINT uq_customer_accounts_number UNIQUE (number),
  CONSTRAINT fk_customer_accounts_number FOREIGN KEY(number) REFERENCES customers (number)
);

CREATE TABLE customer_sessions (
  id UUID NOT NULL,
  token_hash VARCHAR(64) NOT NULL,
  account_id UUID NOT NULL,
  agent TEXT NOT NULL,
  started_at TIMESTAMP WITH TIME ZONE NOT NULL,
  seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_customer_sessions PRIMARY KEY (id),
  CONSTRAINT uq_customer_sessions_token_hash UNIQUE (token_hash),
  CONSTRAINT fk_customer_sessions_account_id FOREIGN KEY(account_id) REFERENCES customer_accounts (id) ON DELETE CASCADE
);

CREATE INDEX ix_customer_sessions_account_id ON customer_sessions (account_id);

CREATE TABLE mail_links (
  id UUID NOT NULL,
  token_hash VARCHAR(64) NOT NULL,
  email VARCHAR(254) NOT NULL,
  purpose VARCHAR(16) NOT NULL,
  account_id UUID,
  number VARCHAR(16),
  next_path TEXT NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_mail_links PRIMARY KEY (id),
  CONSTRAINT ck_mail_links_purpose CHECK (purpose IN ('sign_in', 'link_card', 'change_email')),
  CONSTRAINT uq_mail_links_token_hash UNIQUE (token_hash),
  CONSTRAINT fk_mail_links_account_id FOREIGN KEY(account_id) REFERENCES customer_accounts (id) ON DELETE CASCADE
);

CREATE INDEX ix_mail_links_email ON mail_links (email, made_at);

CREATE TABLE customer_addresses (
  id UUID NOT NULL,
  number VARCHAR(16) NOT NULL,
  name TEXT NOT NULL,
  street TEXT NOT NULL,
  postal_code VARCHAR(10) NOT NULL,
  city TEXT NOT NULL,
  is_default BOOLEAN NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_customer_addresses PRIMARY KEY (id),
  CONSTRAINT fk_customer_addresses_number FOREIGN KEY(number) REFERENCES customers (number)
);

CREATE INDEX ix_customer_addresses_number ON customer_addresses (number);
CREATE UNIQUE INDEX uq_customer_addresses_default ON customer_addresses (number) WHERE is_default;

CREATE TABLE consent_entries (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  email VARCHAR(254) NOT NULL,
  purpose VARCHAR(16) NOT NULL,
  step VARCHAR(16) NOT NULL,
  wording TEXT NOT NULL,
  language VARCHAR(2) NOT NULL,
  source VARCHAR(32) NOT NULL,
  ip VARCHAR(64) NOT NULL,
  token_hash VARCHAR(64),
  entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_consent_entries PRIMARY KEY (id),
  CONSTRAINT ck_consent_entries_step CHECK (step IN ('asked', 'confirmed', 'withdrawn')),
  CONSTRAINT uq_consent_entries_token_hash UNIQUE (token_hash)
);

CREATE INDEX ix_consent_entries_email ON consent_entries (email, purpose, id);

CREATE TABLE kept_gift_cards (
  number VARCHAR(16) NOT NULL,
  card_id UUID NOT NULL,
  kept_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_kept_gift_cards PRIMARY KEY (number, card_id),
  CONSTRAINT fk_kept_gift_cards_number FOREIGN KEY(number) REFERENCES customers (number),
  CONSTRAINT fk_kept_gift_cards_card_id FOREIGN KEY(card_id) REFERENCES gift_cards (id)
);

CREATE TABLE invoices (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  number VARCHAR(32) NOT NULL,
  range VARCHAR(32) NOT NULL,
  count INTEGER NOT NULL,
  kind VARCHAR(16) NOT NULL,
  order_ref VARCHAR(32) NOT NULL,
  corrects VARCHAR(32),
  issued_on DATE NOT NULL,
  issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
  total_minor INTEGER NOT NULL,
  facts JSONB NOT NULL,
  layout INTEGER NOT NULL,
  key TEXT NOT NULL,
  CONSTRAINT pk_invoices PRIMARY KEY (id),
  CONSTRAINT ck_invoices_kind CHECK ((kind = 'invoice' AND corrects IS NULL AND total_minor >= 0) OR (kind = 'correction' AND corrects IS NOT NULL AND total_minor <= 0)),
  CONSTRAINT uq_invoices_number UNIQUE (number),
  CONSTRAINT fk_invoices_corrects FOREIGN KEY(corrects) REFERENCES invoices (number),
  CONSTRAINT uq_invoices_key UNIQUE (key)
);

CREATE INDEX ix_invoices_order_ref ON invoices (order_ref);

CREATE TABLE withdrawals (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  number VARCHAR(16) NOT NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  typed_ref TEXT NOT NULL,
  order_ref VARCHAR(32),
  what TEXT NOT NULL,
  lines JSONB NOT NULL,
  language VARCHAR(2) NOT NULL,
  received_at TIMESTAMP WITH TIME ZONE NOT NULL,
  key VARCHAR(64) NOT NULL,
  CONSTRAINT pk_withdrawals PRIMARY KEY (id),
  CONSTRAINT uq_withdrawals_number UNIQUE (number),
  CONSTRAINT uq_withdrawals_key UNIQUE (key)
);

CREATE INDEX ix_withdrawals_order_ref ON withdrawals (order_ref);

CREATE TABLE withdrawal_steps (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  number VARCHAR(16) NOT NULL,
  step VARCHAR(16) NOT NULL,
  note TEXT NOT NULL,
  actor TEXT NOT NULL,
  entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_withdrawal_steps PRIMARY KEY (id),
  CONSTRAINT ck_withdrawal_steps_step CHECK (step IN ('asked', 'cancelled', 'returned', 'done')),
  CONSTRAINT fk_withdrawal_steps_number FOREIGN KEY(number) REFERENCES withdrawals (number)
);

CREATE INDEX ix_withdrawal_steps_number ON withdrawal_steps (number, id);

CREATE TABLE return_requests (
  id UUID NOT NULL,
  ref VARCHAR(16) NOT NULL,
  order_ref VARCHAR(32) NOT NULL,
  withdrawal VARCHAR(16),
  how VARCHAR(8) NOT NULL,
  state VARCHAR(16) NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  ended_by TEXT,
  CONSTRAINT pk_return_requests PRIMARY KEY (id),
  CONSTRAINT ck_return_requests_how CHECK (how IN ('parcel', 'store')),
  CONSTRAINT ck_return_requests_state CHECK (state IN ('open', 'received', 'cancelled')),
  CONSTRAINT ck_return_requests_ended CHECK ((state = 'open') = (ended_at IS NULL)),
  CONSTRAINT uq_return_requests_ref UNIQUE (ref),
  CONSTRAINT fk_return_requests_withdrawal FOREIGN KEY(withdrawal) REFERENCES withdrawals (number)
);

CREATE INDEX ix_return_requests_order_ref ON return_requests (order_ref);

CREATE TABLE return_request_lines (
  request_id UUID NOT NULL,
  line_id UUID NOT NULL,
  quantity INTEGER NOT NULL,
  reason VARCHAR(16) NOT NULL,
  note TEXT NOT NULL,
  CONSTRAINT pk_return_request_lines PRIMARY KEY (request_id, line_id),
  CONSTRAINT ck_return_request_lines_quantity CHECK (quantity > 0),
  CONSTRAINT fk_return_request_lines_request_id FOREIGN KEY(request_id) REFERENCES return_requests (id) ON DELETE CASCADE,
  CONSTRAINT fk_return_request_lines_line_id FOREIGN KEY(line_id) REFERENCES order_lines (id)
);

CREATE TABLE legal_versions (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  page VARCHAR(32) NOT NULL,
  version INTEGER NOT NULL,
  valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
  texts JSONB NOT NULL,
  note TEXT NOT NULL,
  actor TEXT NOT NULL,
  published_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_legal_versions PRIMARY KEY (id),
  CONSTRAINT ck_legal_versions_version CHECK (version > 0),
  CONSTRAINT uq_legal_versions_page_version UNIQUE (page, version)
);

CREATE INDEX ix_legal_versions_page ON legal_versions (page, valid_from);

CREATE TABLE legal_drafts (
  page VARCHAR(32) NOT NULL,
  texts JSONB NOT NULL,
  actor TEXT NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_legal_drafts PRIMARY KEY (page)
);

