-- What the floor works with: waves, shelf places, boxes, labels, manifests, tracking, signatures.

CREATE TABLE waves (
  id UUID NOT NULL,
  location VARCHAR(32) NOT NULL,
  picker TEXT NOT NULL,
  state VARCHAR(8) NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_waves PRIMARY KEY (id),
  CONSTRAINT ck_waves_state CHECK (state IN ('open', 'done')),
  CONSTRAINT ck_waves_ended CHECK ((state = 'done') = (ended_at IS NOT NULL)),
  CONSTRAINT fk_waves_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE INDEX ix_waves_open ON waves (location) WHERE state = 'open';

-- A wave's orders go back to the list one by one; who has a code fetches with it.
ALTER TABLE fulfilment_orders
  ADD COLUMN wave_id UUID,
  ADD COLUMN tote VARCHAR(32),
  ADD COLUMN shelf_place VARCHAR(32),
  ADD COLUMN pickup_code VARCHAR(8),
  ADD COLUMN escalated_at TIMESTAMP WITH TIME ZONE,
  ADD CONSTRAINT fk_fulfilment_orders_wave_id FOREIGN KEY(wave_id) REFERENCES waves (id);

CREATE INDEX ix_fulfilment_orders_wave_id ON fulfilment_orders (wave_id)
  WHERE wave_id IS NOT NULL;

CREATE TABLE shelf_places (
  location VARCHAR(32) NOT NULL,
  sku VARCHAR(64) NOT NULL,
  place VARCHAR(32) NOT NULL,
  CONSTRAINT pk_shelf_places PRIMARY KEY (location, sku),
  CONSTRAINT fk_shelf_places_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE TABLE boxes (
  code VARCHAR(32) NOT NULL,
  name_de TEXT NOT NULL,
  name_en TEXT NOT NULL,
  length_mm INTEGER NOT NULL,
  width_mm INTEGER NOT NULL,
  height_mm INTEGER NOT NULL,
  tare_grams INTEGER NOT NULL,
  most_grams INTEGER NOT NULL,
  CONSTRAINT pk_boxes PRIMARY KEY (code),
  CONSTRAINT ck_boxes_measures CHECK (length_mm > 0 AND width_mm > 0 AND height_mm > 0),
  CONSTRAINT ck_boxes_weights CHECK (tare_grams >= 0 AND most_grams > 0)
);

ALTER TABLE parcels
  ADD COLUMN box VARCHAR(32),
  ADD CONSTRAINT fk_parcels_box FOREIGN KEY(box) REFERENCES boxes (code);

CREATE TABLE floor_steps (
  key VARCHAR(64) NOT NULL,
  fulfilment_order_id UUID NOT NULL,
  what VARCHAR(16) NOT NULL,
  answer JSONB NOT NULL,
  actor TEXT NOT NULL,
  done_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_floor_steps PRIMARY KEY (key),
  CONSTRAINT fk_floor_steps_fulfilment_order_id FOREIGN KEY(fulfilment_order_id)
    REFERENCES fulfilment_orders (id)
);

CREATE INDEX ix_floor_steps_done_at ON floor_steps (done_at);

CREATE TABLE parcel_labels (
  parcel_id UUID NOT NULL,
  source VARCHAR(8) NOT NULL,
  carrier TEXT NOT NULL,
  number VARCHAR(64),
  pdf BYTEA,
  problem TEXT,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  made_by TEXT NOT NULL,
  CONSTRAINT pk_parcel_labels PRIMARY KEY (parcel_id),
  CONSTRAINT ck_parcel_labels_source CHECK (source IN ('carrier', 'own', 'hand')),
  CONSTRAINT fk_parcel_labels_parcel_id FOREIGN KEY(parcel_id) REFERENCES parcels (id)
);

CREATE TABLE parcel_events (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  parcel_id UUID NOT NULL,
  what VARCHAR(16) NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  place TEXT NOT NULL,
  note TEXT NOT NULL,
  source TEXT NOT NULL,
  key VARCHAR(128) NOT NULL,
  booked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_parcel_events PRIMARY KEY (id),
  CONSTRAINT ck_parcel_events_what CHECK (what IN ('announced', 'in_transit', 'out_for_delivery', 'delivered', 'failed', 'returned')),
  CONSTRAINT fk_parcel_events_parcel_id FOREIGN KEY(parcel_id) REFERENCES parcels (id),
  CONSTRAINT uq_parcel_events_key UNIQUE (key)
);

CREATE INDEX ix_parcel_events_parcel_id ON parcel_events (parcel_id, at);

CREATE TABLE manifests (
  number VARCHAR(32) NOT NULL,
  location VARCHAR(32) NOT NULL,
  carrier TEXT NOT NULL,
  driver TEXT NOT NULL,
  parcels INTEGER NOT NULL,
  weight_grams INTEGER NOT NULL,
  handed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  handed_by TEXT NOT NULL,
  CONSTRAINT pk_manifests PRIMARY KEY (number),
  CONSTRAINT fk_manifests_location FOREIGN KEY(location) REFERENCES locations (code)
);

CREATE INDEX ix_manifests_location_handed_at ON manifests (location, handed_at);

ALTER TABLE shipments
  ADD COLUMN manifest VARCHAR(32),
  ADD CONSTRAINT fk_shipments_manifest FOREIGN KEY(manifest) REFERENCES manifests (number);

CREATE INDEX ix_shipments_manifest ON shipments (manifest) WHERE manifest IS NOT NULL;

CREATE TABLE pickups (
  shipment_id UUID NOT NULL,
  proof VARCHAR(8) NOT NULL,
  taken_by TEXT NOT NULL,
  signature TEXT,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  actor TEXT NOT NULL,
  CONSTRAINT pk_pickups PRIMARY KEY (shipment_id),
  CONSTRAINT ck_pickups_proof CHECK (proof IN ('code', 'identity')),
  CONSTRAINT fk_pickups_shipment_id FOREIGN KEY(shipment_id) REFERENCES shipments (id)
);

-- A card goes only to customers who agreed to this kind of news; NULL asks for no consent.
ALTER TABLE campaigns ADD COLUMN consent VARCHAR(32);

-- Re-routing has to know what fits into a letter. What is still to be sent learns it from the
-- catalog; what has left needs it no more.
ALTER TABLE order_lines ADD COLUMN longest_mm INTEGER NOT NULL DEFAULT 0;
ALTER TABLE order_lines ALTER COLUMN longest_mm DROP DEFAULT;
UPDATE order_lines SET longest_mm = greatest(items.length_mm, items.width_mm, items.height_mm)
  FROM items
  WHERE items.sku = order_lines.sku AND order_lines.shipped + order_lines.cancelled < order_lines.quantity
    AND coalesce(items.length_mm, items.width_mm, items.height_mm) IS NOT NULL;

-- Goods that came back and were put aside: what somebody found who looked at them.
CREATE TABLE return_inspections (
  return_id UUID NOT NULL,
  good INTEGER NOT NULL,
  scrapped INTEGER NOT NULL,
  note TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  actor TEXT NOT NULL,
  CONSTRAINT pk_return_inspections PRIMARY KEY (return_id),
  CONSTRAINT ck_return_inspections_units CHECK (good >= 0 AND scrapped >= 0),
  CONSTRAINT fk_return_inspections_return_id FOREIGN KEY(return_id) REFERENCES order_returns (id)
);
