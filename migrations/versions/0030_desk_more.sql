-- A message that did not reach anybody, and the work that it leaves to a person.

ALTER TABLE messages ADD COLUMN failed_at timestamptz;

CREATE TABLE undelivered_messages (
    id uuid CONSTRAINT pk_undelivered_messages PRIMARY KEY,
    key varchar(64) NOT NULL CONSTRAINT uq_undelivered_messages_key UNIQUE,
    message_id uuid NOT NULL
        CONSTRAINT fk_undelivered_messages_message_id REFERENCES messages (id),
    order_ref varchar(32),
    recipient text NOT NULL,
    source varchar(8) NOT NULL,
    status varchar(12) NOT NULL,
    words text NOT NULL,
    failed_at timestamptz NOT NULL,
    seen_at timestamptz,
    seen_by text,
    note text NOT NULL,
    CONSTRAINT ck_undelivered_messages_source CHECK (source IN ('refused', 'bounced')),
    CONSTRAINT ck_undelivered_messages_seen CHECK ((seen_at IS NULL) = (seen_by IS NULL))
);
CREATE INDEX ix_undelivered_messages_open ON undelivered_messages (failed_at)
    WHERE seen_at IS NULL;
CREATE INDEX ix_undelivered_messages_order_ref ON undelivered_messages (order_ref);
CREATE INDEX ix_undelivered_messages_message_id ON undelivered_messages (message_id);
