CREATE TABLE routing_overrides (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  order_ref VARCHAR(32) NOT NULL,
  decision_id UUID NOT NULL,
  kind VARCHAR(8) NOT NULL,
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  dearer_minor INTEGER NOT NULL,
  router JSONB NOT NULL,
  overridden_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_routing_overrides PRIMARY KEY (id),
  CONSTRAINT uq_routing_overrides_decision_id UNIQUE (decision_id),
  CONSTRAINT ck_routing_overrides_kind CHECK (kind IN ('plan', 'hand', 'router')),
  CONSTRAINT ck_routing_overrides_reason CHECK (reason <> ''),
  CONSTRAINT fk_routing_overrides_decision_id FOREIGN KEY(decision_id) REFERENCES routing_decisions (id)
);

CREATE INDEX ix_routing_overrides_order_ref ON routing_overrides (order_ref);
