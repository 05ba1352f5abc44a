-- What is written to people: channels, quiet hours, what is owed, what was refused, the newsletter.

ALTER TABLE customers DROP CONSTRAINT ck_customers_contact_by;
ALTER TABLE customers ADD CONSTRAINT ck_customers_contact_by CHECK (contact_by IN ('mail', 'call', 'sms'));

ALTER TABLE messages ADD COLUMN channel VARCHAR(8) NOT NULL DEFAULT 'mail';
ALTER TABLE messages ADD COLUMN language VARCHAR(2) NOT NULL DEFAULT 'de';
ALTER TABLE messages ADD COLUMN hold_until TIMESTAMP WITH TIME ZONE;
ALTER TABLE messages ALTER COLUMN channel DROP DEFAULT, ALTER COLUMN language DROP DEFAULT;
ALTER TABLE messages ADD CONSTRAINT ck_messages_channel CHECK (channel IN ('mail', 'sms'));

ALTER TABLE call_tasks ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE call_tasks ALTER COLUMN note DROP DEFAULT;

ALTER TABLE promise_exceptions DROP CONSTRAINT ck_promise_exceptions_choice;
ALTER TABLE promise_exceptions ADD CONSTRAINT ck_promise_exceptions_choice CHECK (choice IN ('keep', 'cancel', 'all'));

CREATE TABLE message_refusals (
  id UUID NOT NULL,
  key VARCHAR(128) NOT NULL,
  kind VARCHAR(32) NOT NULL,
  channel VARCHAR(8) NOT NULL,
  order_ref VARCHAR(32),
  recipient TEXT NOT NULL,
  reasons JSONB NOT NULL,
  facts JSONB NOT NULL,
  refused_at TIMESTAMP WITH TIME ZONE NOT NULL,
  seen_at TIMESTAMP WITH TIME ZONE,
  seen_by TEXT,
  note TEXT NOT NULL,
  CONSTRAINT pk_message_refusals PRIMARY KEY (id),
  CONSTRAINT uq_message_refusals_key UNIQUE (key)
);

CREATE INDEX ix_message_refusals_open ON message_refusals (refused_at) WHERE seen_at IS NULL;
CREATE INDEX ix_message_refusals_order_ref ON message_refusals (order_ref);

CREATE TABLE notices (
  id UUID NOT NULL,
  order_ref VARCHAR(32) NOT NULL,
  kind VARCHAR(32) NOT NULL,
  parcels INTEGER NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE NOT NULL,
  message_id UUID,
  call_task_id UUID,
  escalated_at TIMESTAMP WITH TIME ZONE,
  told_at TIMESTAMP WITH TIME ZONE,
  told_by VARCHAR(8),
  actor TEXT,
  note TEXT NOT NULL,
  key VARCHAR(128) NOT NULL,
  CONSTRAINT pk_notices PRIMARY KEY (id),
  CONSTRAINT ck_notices_told_by CHECK (told_by IN ('mail', 'sms', 'call')),
  CONSTRAINT ck_notices_told CHECK ((told_at IS NULL) = (told_by IS NULL)),
  CONSTRAINT fk_notices_message_id FOREIGN KEY(message_id) REFERENCES messages (id),
  CONSTRAINT fk_notices_call_task_id FOREIGN KEY(call_task_id) REFERENCES call_tasks (id),
  CONSTRAINT uq_notices_key UNIQUE (key)
);

CREATE INDEX ix_notices_call_task_id ON notices (call_task_id);
CREATE INDEX ix_notices_message_id ON notices (message_id);
CREATE INDEX ix_notices_open ON notices (due_at) WHERE told_at IS NULL;
CREATE INDEX ix_notices_order_ref ON notices (order_ref);

CREATE TABLE newsletters (
  id UUID NOT NULL,
  subject_de TEXT NOT NULL,
  subject_en TEXT NOT NULL,
  text_de TEXT NOT NULL,
  text_en TEXT NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  made_by TEXT NOT NULL,
  sent_at TIMESTAMP WITH TIME ZONE,
  sent_by TEXT,
  recipients INTEGER NOT NULL,
  held_back INTEGER NOT NULL,
  CONSTRAINT pk_newsletters PRIMARY KEY (id),
  CONSTRAINT ck_newsletters_sent CHECK ((sent_at IS NULL) = (sent_by IS NULL))
);
