-- What the database does by itself. Replaced at every migration, before the revisions run.
-- Functions that need the owner's rights are SECURITY DEFINER with a fixed search path.
-- Tables that they speak of may be made by a later revision.
SET LOCAL check_function_bodies = off;

-- The partition of a month: `stock_movements_2026_11`.
CREATE OR REPLACE FUNCTION stock_month_table(month date) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT 'stock_movements_' || to_char(month, 'YYYY_MM')
$$;

-- The instant at which a month begins, UTC.
CREATE OR REPLACE FUNCTION stock_month_start(month date) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$
    SELECT date_trunc('month', month::timestamp) AT TIME ZONE 'UTC'
$$;

-- Make the partition of a month, if there is none. A table of its own is attached, because that
-- does not wait for those who are booking into other months.
CREATE OR REPLACE FUNCTION open_stock_month(month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    first date := date_trunc('month', month::timestamp)::date;
    partition text := stock_month_table(first);
BEGIN
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('stock months'));
    -- Somebody may have made it while we waited; to_regclass remembers that it was missing.
    IF EXISTS (
        SELECT FROM pg_class
        WHERE relname = partition AND relnamespace = 'public'::regnamespace
    ) THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM stock_months AS closed WHERE closed.month = first) THEN
        RAISE EXCEPTION 'the month % of the stock ledger is closed', first;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I (LIKE stock_movements INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition
    );
    PERFORM guard_stock_month(first);
    EXECUTE format(
        'ALTER TABLE stock_movements ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        partition,
        stock_month_start(first),
        stock_month_start((first + interval '1 month')::date)
    );
END $$;

-- Nobody reaches a month but through the ledger, and nobody changes what is in it.
CREATE OR REPLACE FUNCTION guard_stock_month(month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    partition text := stock_month_table(month);
BEGIN
    EXECUTE format('REVOKE ALL ON %I FROM PUBLIC, kontor_app', partition);
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
        ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
        partition
    );
END $$;

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE OR REPLACE FUNCTION refuse_late_booking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the month of % is closed', NEW.booked_at;
END $$;

-- What every account held at the end of a closed month: the latest closing of each until then.
CREATE OR REPLACE FUNCTION stock_held_at_end_of(month date)
RETURNS TABLE (sku text, account text, location text, quantity bigint)
LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (closing.sku, closing.account, closing.location)
        closing.sku, closing.account, closing.location, closing.quantity
    FROM stock_closings AS closing
    WHERE closing.month <= stock_held_at_end_of.month
    ORDER BY closing.sku, closing.account, closing.location, closing.month DESC
$$;

-- A number for an account, another one for each: units times it, summed over many accounts, tell
-- whether all of them gained what they should, without a row for each.
CREATE OR REPLACE FUNCTION stock_weight(sku text, account text, location text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT hashtextextended(account || '/' || coalesce(location, '') || '/' || sku, 0)
$$;

-- The fingerprint of what an account holds; 0 for nothing, as if the account were not there. The sum
-- over all accounts stands for what all of them hold together.
CREATE OR REPLACE FUNCTION stock_print(sku text, account text, location text, quantity bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE quantity WHEN 0 THEN 0 ELSE hashtextextended(
        account || '/' || location || '/' || quantity::text || '/' || sku, 0
    ) END
$$;

-- What the movements of a month did to all accounts: units by weight.
CREATE OR REPLACE FUNCTION stock_month_moved(month date) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(sum(moved.quantity * (
        stock_weight(moved.sku, moved.to_account, moved.to_location)::numeric
            - stock_weight(moved.sku, moved.from_account, moved.from_location)
    )), 0)
    FROM stock_movements AS moved
    WHERE moved.booked_at >= stock_month_start(month)
        AND moved.booked_at < stock_month_start((month + interval '1 month')::date)
$$;

-- The same as the closing of a month says it, and what it did to the sum of fingerprints.
CREATE OR REPLACE FUNCTION stock_month_closed(month date, OUT moved numeric, OUT standing numeric)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT
        coalesce(sum((closing.quantity - closing.opening)
            * stock_weight(closing.sku, closing.account, closing.location)::numeric), 0),
        coalesce(sum(stock_print(closing.sku, closing.account, closing.location, closing.quantity))
            - sum(stock_print(closing.sku, closing.account, closing.location, closing.opening)), 0)
    FROM stock_closings AS closing
    WHERE closing.month = stock_month_closed.month
$$;

-- Close a month of the ledger: write what every account that moved holds at its end, and let
-- nothing more in. Months are closed one after the other. Returns whether this call closed it.
CREATE OR REPLACE FUNCTION close_stock_month(month date, closed_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    first date := date_trunc('month', month::timestamp)::date;
    before date := (
        SELECT max(closed.month) FROM stock_months AS closed WHERE closed.month < first
    );
    partition text := stock_month_table(first);
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('stock months'));
    IF EXISTS (SELECT FROM stock_months AS closed WHERE closed.month = first) THEN
        RETURN false;
    END IF;
    IF stock_month_start((first + interval '1 month')::date) > close_stock_month.closed_at THEN
        RAISE EXCEPTION 'the month % is not over', first;
    END IF;
    IF EXISTS (SELECT FROM stock_months AS closed WHERE closed.month > first)
        OR EXISTS (SELECT FROM stock_movements WHERE booked_at < stock_month_start(first)
            AND (before IS NULL
                OR booked_at >= stock_month_start((before + interval '1 month')::date)))
    THEN
        RAISE EXCEPTION 'an earlier month than % is open', first;
    END IF;
    PERFORM open_stock_month(first);
    -- Waits for whoever is booking into this month and keeps others out until the trigger stands.
    EXECUTE format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', partition);
    EXECUTE format(
        'CREATE TRIGGER refuse_late_booking BEFORE INSERT ON %I'
        ' FOR EACH ROW EXECUTE FUNCTION refuse_late_booking()',
        partition
    );
    INSERT INTO stock_months (month, closed_at, movements, units)
    SELECT first, close_stock_month.closed_at, count(*), coalesce(sum(quantity), 0)
    FROM stock_movements
    WHERE booked_at >= stock_month_start(first)
        AND booked_at < stock_month_start((first + interval '1 month')::date);
    INSERT INTO stock_closings (month, sku, account, location, opening, quantity)
    SELECT first, entry.sku, entry.account, entry.location, coalesce(earlier.quantity, 0),
        coalesce(earlier.quantity, 0) + entry.quantity
    FROM stock_month_entries(first) AS entry
    LEFT JOIN LATERAL (
        SELECT closing.quantity FROM stock_closings AS closing
        WHERE closing.sku = entry.sku AND closing.account = entry.account
            AND closing.location = entry.location
        ORDER BY closing.month DESC LIMIT 1
    ) AS earlier ON true;
    UPDATE stock_months SET standing = (SELECT standing FROM stock_month_closed(first))
        + coalesce((SELECT standing FROM stock_months AS closed WHERE closed.month = before), 0)
    WHERE stock_months.month = first;
    INSERT INTO stock_lot_closings (month, sku, lot, account, location, quantity)
    SELECT first, entry.sku, entry.lot, entry.account, entry.location, sum(entry.quantity)
    FROM (
        SELECT sku, lot, account, location, quantity FROM stock_lot_closings AS earlier
        WHERE earlier.month = before
        UNION ALL
        SELECT moved.sku, moved.lot, side.account, side.location, side.quantity
        FROM stock_movements AS moved
        CROSS JOIN LATERAL (VALUES
            (moved.to_account, moved.to_location, moved.quantity),
            (moved.from_account, moved.from_location, -moved.quantity)
        ) AS side (account, location, quantity)
        WHERE moved.lot IS NOT NULL AND side.location IS NOT NULL
            AND moved.booked_at >= stock_month_start(first)
            AND moved.booked_at < stock_month_start((first + interval '1 month')::date)
    ) AS entry
    GROUP BY entry.sku, entry.lot, entry.account, entry.location
    HAVING sum(entry.quantity) <> 0;
    RETURN true;
END $$;

-- Both sides of every movement of a month: what each account gained or lost.
CREATE OR REPLACE FUNCTION stock_month_entries(month date)
RETURNS TABLE (sku text, account text, location text, quantity bigint)
LANGUAGE sql STABLE AS $$
    SELECT moved.sku, side.account, coalesce(side.location, ''), sum(side.quantity)
    FROM stock_movements AS moved
    CROSS JOIN LATERAL (VALUES
        (moved.to_account, moved.to_location, moved.quantity),
        (moved.from_account, moved.from_location, -moved.quantity)
    ) AS side (account, location, quantity)
    WHERE moved.booked_at >= stock_month_start(month)
        AND moved.booked_at < stock_month_start((month + interval '1 month')::date)
    GROUP BY moved.sku, side.account, coalesce(side.location, '')
$$;

-- Hold units of places for an order: all of them, or none. Rows come sorted by location and SKU, so
-- that nobody waits in a circle. One statement instead of three, and the balances last in it,
-- because the lock of a place that everybody wants lasts as long as its transaction. Where the
-- units are not free it undoes what it did and returns false, or fails as a whole where they `must`
-- be (then the statement may be the transaction's last, sent together with its COMMIT).
CREATE OR REPLACE FUNCTION hold_stock(
    order_ref text, placed_at timestamptz, expires_at timestamptz,
    ids uuid[], line_ids uuid[], skus text[], locations text[], quantities int[], must boolean
) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO stock_reservations (
        id, order_ref, line_id, sku, location, quantity, state, placed_at, expires_at
    )
    SELECT wanted.id, hold_stock.order_ref, wanted.line_id, wanted.sku, wanted.location,
        wanted.quantity, 'held', hold_stock.placed_at, hold_stock.expires_at
    FROM unnest(ids, line_ids, skus, locations, quantities)
        AS wanted (id, line_id, sku, location, quantity);
    FOR wish IN 1 .. cardinality(skus) LOOP
        UPDATE stock_balances
        SET reserved = reserved + quantities[wish], changed_at = hold_stock.placed_at
        WHERE sku = skus[wish] AND location = locations[wish]
            AND on_hand - quarantined - reserved - allocated - safety_stock - doubt - backordered
                >= quantities[wish];
        IF FOUND THEN
            CONTINUE;
        END IF;
        IF must THEN
            RAISE EXCEPTION 'not free: % at %', skus[wish], locations[wish]
                USING ERRCODE = 'KS001';
        END IF;
        UPDATE stock_balances
        SET reserved = reserved - taken.quantity
        FROM (
            SELECT sku, location, sum(quantity) AS quantity
            FROM unnest(skus[: wish - 1], locations[: wish - 1], quantities[: wish - 1])
                AS one (sku, location, quantity)
            GROUP BY sku, location
        ) AS taken
        WHERE stock_balances.sku = taken.sku AND stock_balances.location = taken.location;
        DELETE FROM stock_reservations WHERE id = ANY(hold_stock.ids);
        RETURN false;
    END LOOP;
    RETURN true;
END $$;

-- Hold units as a transaction of its own; fails as a whole where they are not free.
-- Where it had to wait for a place, others wait too: then the locks are let go before the commit
-- has reached the disk, and only the answer waits for that ("early lock release"). The log is
-- written in order, so whoever was let in cannot be on the disk without this one.
CREATE OR REPLACE PROCEDURE hold_stock_now(
    order_ref text, placed_at timestamptz, expires_at timestamptz,
    ids uuid[], line_ids uuid[], skus text[], locations text[], quantities int[]
)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    -- The same as `hold_stock`, which it does not call: a call within costs a tenth of all this.
    INSERT INTO stock_reservations (
        id, order_ref, line_id, sku, location, quantity, state, placed_at, expires_at
    )
    SELECT wanted.id, hold_stock_now.order_ref, wanted.line_id, wanted.sku, wanted.location,
        wanted.quantity, 'held', hold_stock_now.placed_at, hold_stock_now.expires_at
    FROM unnest(ids, line_ids, skus, locations, quantities)
        AS wanted (id, line_id, sku, location, quantity);
    FOR wish IN 1 .. cardinality(skus) LOOP
        UPDATE stock_balances
        SET reserved = reserved + quantities[wish], changed_at = hold_stock_now.placed_at
        WHERE sku = skus[wish] AND location = locations[wish]
            AND on_hand - quarantined - reserved - allocated - safety_stock - doubt - backordered
                >= quantities[wish];
        IF NOT FOUND THEN
            RAISE EXCEPTION 'not free: % at %', skus[wish], locations[wish]
                USING ERRCODE = 'KS001';
        END IF;
    END LOOP;
    IF clock_timestamp() - statement_timestamp() > interval '0.3 ms' * cardinality(skus)
        AND current_setting('synchronous_commit') <> 'off'
    THEN
        PERFORM set_config('synchronous_commit', 'off', true);
        COMMIT;
        -- The setting ended with that commit; this one waits until both are on the disk.
        PERFORM pg_logical_emit_message(true, 'kontor', '');
    END IF;
END $$;

-- Claim for a paid order what is held for it: reservations become allocations where they stand, in
-- fulfilment orders that are written already. All of them or none: where one is not held any more, or
-- holds fewer units by now, the transaction fails. Rows come sorted by location and SKU.
CREATE OR REPLACE FUNCTION claim_stock(
    order_ref text, claimed_at timestamptz, held uuid[], ids uuid[], line_ids uuid[], skus text[],
    locations text[], quantities int[], promised date[], jobs uuid[]
) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    claimed int;
BEGIN
    FOR wish IN 1 .. cardinality(skus) LOOP
        UPDATE stock_balances
        SET reserved = reserved - quantities[wish], allocated = allocated + quantities[wish],
            changed_at = claim_stock.claimed_at
        WHERE sku = skus[wish] AND location = locations[wish];
    END LOOP;
    UPDATE stock_reservations
    SET state = 'claimed', ended_at = claim_stock.claimed_at
    FROM unnest(held, quantities) AS one (id, units)
    WHERE stock_reservations.id = one.id AND state = 'held' AND quantity = one.units;
    GET DIAGNOSTICS claimed = ROW_COUNT;
    IF claimed <> cardinality(held) THEN
        RAISE EXCEPTION 'not held any more: %', claim_stock.order_ref USING ERRCODE = 'KS002';
    END IF;
    INSERT INTO stock_allocations (
        id, order_ref, line_id, sku, location, quantity, promised_on, state, allocated_at,
        fulfilment_order_id
    )
    SELECT wanted.id, claim_stock.order_ref, wanted.line_id, wanted.sku, wanted.location,
        wanted.quantity, wanted.promised_on, 'open', claim_stock.claimed_at, wanted.job
    FROM unnest(ids, line_ids, skus, locations, quantities, promised, jobs)
        AS wanted (id, line_id, sku, location, quantity, promised_on, job);
END $$;

-- Locations, closed days, tariffs or rules have changed: whoever keeps what they read sees it by
-- the stamp, which is never the same twice.
CREATE OR REPLACE FUNCTION stamp_setup() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO setup_stamps (id, stamp) VALUES (1, gen_random_uuid())
    ON CONFLICT (id) DO UPDATE SET stamp = excluded.stamp;
    RETURN NULL;
END $$;
