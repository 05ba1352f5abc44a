"""The application's invariants as SQL: each query returns the rows that break it."""

PROOFS = {
    # Money in and out of a payment adds up, and its refunds are the ones on record.
    5: """
        SELECT p.id, p.order_ref, p.captured_minor, p.refunded_minor, r.total AS refunds
        FROM payments p
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(amount_minor), 0) AS total FROM refunds
            WHERE payment_id = p.id AND state <> 'failed'
        ) r
        WHERE p.refunded_minor <> r.total
           OR p.refunded_minor > p.captured_minor
           OR (p.state = 'captured') <> (p.captured_at IS NOT NULL)
        UNION ALL
        SELECT o.id, o.ref, o.total_minor, coalesce(sum(p.captured_minor), 0), NULL
        FROM orders o LEFT JOIN payments p ON p.order_ref = o.ref
        WHERE o.state IN ('confirmed', 'completed') AND NOT o.pay_on_collection
        GROUP BY o.id HAVING coalesce(sum(p.captured_minor), 0) <> o.total_minor
        UNION ALL
        -- Paid on collection: what was handed over, not a cent before, and each cent on a receipt.
        SELECT o.id, o.ref, gone.worth, coalesce(paid.total, 0), coalesce(sold.total, 0)
        FROM orders o
        CROSS JOIN LATERAL (
            SELECT sum(line_minor - unit_minor * (quantity - shipped)
                + discount_minor * (quantity - shipped) / quantity) AS worth
            FROM order_lines WHERE order_id = o.id
        ) gone
        CROSS JOIN LATERAL (
            SELECT sum(captured_minor) AS total FROM payments WHERE order_ref = o.ref
        ) paid
        CROSS JOIN LATERAL (
            SELECT sum(total_minor) AS total FROM till_receipts WHERE collected_ref = o.ref
        ) sold
        WHERE o.pay_on_collection
            AND (gone.worth <> coalesce(paid.total, 0) OR gone.worth <> coalesce(sold.total, 0))
    """,
    # Sums are joined, not looked up per line: a year has half a million of them.
    # What left us is what the line says; what is neither shipped nor cancelled has a claim, a
    # shortage that somebody works on, or waits for goods that are to come. No unit is in two
    # fulfilment orders (a claim is in one), none in one that has ended, and none too many in all.
    6: """
        SELECT l.id, o.ref, l.sku, l.quantity, l.shipped, l.cancelled, l.returned,
               claims.open_units, claims.working_units, claims.dead_units, gaps.short_units,
               owed.units AS owed_units, returns.units AS returned_units
        FROM order_lines l
        JOIN orders o ON o.id = l.order_id
        LEFT JOIN (
            SELECT claim.line_id,
                   coalesce(sum(quantity) FILTER (WHERE claim.state IN ('open', 'picked')), 0)
                       AS open_units,
                   coalesce(sum(quantity) FILTER (WHERE claim.state IN ('open', 'picked')
                       AND job.id IS NOT NULL), 0) AS working_units,
                   coalesce(sum(quantity) FILTER (WHERE claim.state IN ('open', 'picked')
                       AND job.state IN ('cancelled', 'handed_over')), 0) AS dead_units,
                   coalesce(sum(quantity) FILTER (WHERE claim.state = 'shipped'), 0)
                       AS shipped_units
            FROM stock_allocations claim
            LEFT JOIN fulfilment_orders job ON job.id = claim.fulfilment_order_id
            GROUP BY claim.line_id
        ) claims ON claims.line_id = l.id
        LEFT JOIN (
            SELECT line_id, sum(quantity) AS short_units FROM shortages
            WHERE resolved_at IS NULL GROUP BY line_id
        ) gaps ON gaps.line_id = l.id
        LEFT JOIN (
            SELECT line_id, sum(quantity) AS units FROM stock_backorders
            WHERE state = 'waiting' GROUP BY line_id
        ) owed ON owed.line_id = l.id
        LEFT JOIN (
            SELECT line_id, sum(quantity) AS units FROM order_returns GROUP BY line_id
        ) returns ON returns.line_id = l.id
        WHERE l.returned > l.shipped
           OR claims.dead_units > 0
           OR (o.channel = 'web' AND claims.working_units > l.quantity - l.shipped - l.cancelled)
           OR l.returned <> coalesce(returns.units, 0)
           OR (o.channel = 'web' AND l.shipped <> coalesce(claims.shipped_units, 0))
           OR (o.channel = 'web' AND o.state IN ('confirmed', 'completed')
               AND l.shipped + l.cancelled + coalesce(claims.open_units, 0)
                   + coalesce(gaps.short_units, 0) + coalesce(owed.units, 0) <> l.quantity)
    """,
    8: """
        SELECT o.id, o.ref, o.goods_minor, o.total_minor, sum(l.line_minor) AS lines_minor
        FROM orders o JOIN order_lines l ON l.order_id = o.id
        GROUP BY o.id
        HAVING o.goods_minor <> sum(l.line_minor)
            OR bool_or(l.line_minor <> l.unit_minor * l.quantity - l.discount_minor)
            OR o.total_minor <> o.goods_minor + o.shipping_minor - o.discount_minor
        UNION ALL
        SELECT NULL, i.number, i.total_minor, sums.gross, sums.lines
        FROM invoices i
        CROSS JOIN LATERAL (
            SELECT (SELECT sum((line->>'line_minor')::bigint)
                    FROM jsonb_array_elements(i.facts->'lines') line) AS lines,
                sum((rate->>'gross_minor')::bigint) AS gross,
                bool_and((rate->>'gross_minor')::bigint
                    = (rate->>'net_minor')::bigint + (rate->>'tax_minor')::bigint) AS whole
            FROM jsonb_array_elements(i.facts->'vat') rate
        ) sums
        WHERE i.total_minor <> sums.gross OR NOT sums.whole
            OR i.total_minor <> sums.lines + (i.facts->>'shipping_minor')::bigint
    """,
    # Numbers per device run from 1 without a hole, and the range stands at the last one. Of a till
    # that numbers by itself receipts may still be on their way, but none of a closed session is.
    9: """
        WITH receipts AS (
            SELECT device, number FROM till_receipts WHERE number IS NOT NULL
            UNION ALL
            SELECT o.device, split_part(o.receipt_number, '-', -1)::int FROM orders o
            WHERE o.receipt_number IS NOT NULL
                AND NOT EXISTS (SELECT FROM till_receipts t WHERE t.order_ref = o.ref)
        ), closed AS (
            SELECT device, max(last_number) AS number FROM till_sessions
            WHERE state = 'closed' GROUP BY device
        )
        SELECT n.device, count(*) AS receipts, max(n.number) AS highest, r.last
        FROM receipts n
        JOIN devices d ON d.code = n.device
        LEFT JOIN closed c ON c.device = n.device
        LEFT JOIN number_ranges r ON r.name = 'receipt/' || n.device
        GROUP BY n.device, r.last, d.own_numbers, c.number
        HAVING count(*) <> count(DISTINCT n.number)
            OR r.last IS DISTINCT FROM max(n.number)
            OR (NOT d.own_numbers AND count(*) <> max(n.number))
            OR count(*) FILTER (WHERE n.number <= c.number) <> coalesce(c.number, 0)
        UNION ALL
        SELECT t.device, 1, t.number, NULL
        FROM till_receipts t JOIN orders o ON o.ref = t.order_ref
        WHERE o.receipt_number IS DISTINCT FROM t.receipt_number
        UNION ALL
        SELECT i.range, count(*), max(i.count), n.last
        FROM invoices i LEFT JOIN number_ranges n ON n.name = 'invoice/' || i.range
        GROUP BY i.range, n.last
        HAVING count(*) <> max(i.count) OR count(*) <> count(DISTINCT i.count)
            OR n.last IS DISTINCT FROM count(*)
    """,
    # Five minutes is longer than the sweeper and all its retries need while the shop is healthy;
    # a replay or an import runs up to an hour, and its event is delivered when it is over.
    12: """
        SELECT id, name, attempts, due_at, last_error FROM outbox_events
        WHERE delivered_at IS NULL AND dead_at IS NULL
            AND due_at < now() - CASE WHEN name IN ('WhatIfAsked', 'CatalogImportAsked')
                THEN interval '65 minutes' ELSE interval '5 minutes' END
    """,
    # What tills sold is signed, or stands in a recorded outage; imported books were elsewhere.
    # Counters of a module run from 1 without a hole: two for each transaction.
    13: """
        SELECT o.ref, o.receipt_number, NULL::bigint AS counter FROM orders o
        WHERE o.channel = 'till' AND NOT EXISTS (
            SELECT FROM till_receipts t JOIN fiscal_records f ON f.receipt = t.id
            WHERE t.order_ref = o.ref
        ) AND NOT EXISTS (
            SELECT FROM payments p WHERE p.order_ref = o.ref AND p.method = 'imported'
        )
        UNION ALL
        SELECT t.sale_id, t.receipt_number, NULL FROM till_receipts t
        WHERE NOT EXISTS (SELECT FROM fiscal_records f WHERE f.receipt = t.id)
        UNION ALL
        SELECT m.device, m.serial, m.transactions FROM fiscal_modules m
        LEFT JOIN fiscal_records f ON f.serial = m.serial AND f.signature IS NOT NULL
        GROUP BY m.device
        HAVING count(f.id) <> m.transactions OR m.signatures <> 2 * m.transactions
            OR coalesce(max(f.transaction_number), 0) <> m.transactions
    """,
    # A closed drawer holds what was counted; each receipt's cash is in its own drawer, once.
    14: """
        SELECT s.session_id, s.counted_minor AS told, coalesce(sum(e.amount_minor), 0) AS booked
        FROM till_sessions s LEFT JOIN till_cash_entries e ON e.session = s.id
        WHERE s.state = 'closed'
        GROUP BY s.id HAVING coalesce(sum(e.amount_minor), 0) <> s.counted_minor
        UNION ALL
        SELECT s.session_id, s.opening_minor, coalesce(sum(e.amount_minor), 0)
        FROM till_sessions s
        LEFT JOIN till_cash_entries e ON e.session = s.id AND e.kind = 'opening'
        GROUP BY s.id HAVING coalesce(sum(e.amount_minor), 0) <> s.opening_minor
        UNION ALL
        SELECT t.sale_id, coalesce(paid.cash, 0), coalesce(sum(e.amount_minor), 0)
        FROM till_receipts t
        CROSS JOIN LATERAL (
            SELECT sum((tender->>'amount_minor')::bigint) AS cash
            FROM jsonb_array_elements(t.tenders) tender WHERE tender->>'method' = 'cash'
        ) paid
        LEFT JOIN till_cash_entries e ON e.document = t.sale_id AND e.session = t.session
            AND e.kind IN ('sale', 'refund')
        WHERE t.kind NOT IN ('training', 'aborted')
        GROUP BY t.id, paid.cash HAVING coalesce(sum(e.amount_minor), 0) <> coalesce(paid.cash, 0)
    """,
    # Asked of PostgreSQL itself: rights also come by columns, by other roles and by everybody's.
    15: """
        SELECT ledger, privilege
        FROM (
            SELECT unnest(ARRAY['audit_log', 'backorder_policies', 'consent_entries',
                'crosssell_receipts', 'crosssell_rule_edits', 'crosssell_switches', 'day_limits',
                'fiscal_records', 'fulfilment_refusals', 'gift_card_entries', 'incoming_entries',
                'invoices',
                'legal_versions', 'parcel_events', 'points_entries', 'prices',
                'promotion_uses', 'routing_overrides',
                'routing_setups', 'stock_checks', 'stock_closings', 'stock_lot_closings',
                'stock_months', 'stock_movement_keys', 'stock_movements', 'stock_repairs',
                'stock_settings', 'stock_surprises', 'synonym_edits',
                'till_cash_entries', 'till_receipts', 'withdrawal_steps', 'withdrawals']) AS ledger
            UNION ALL
            SELECT inhrelid::regclass::text FROM pg_inherits
            WHERE inhparent = 'stock_movements'::regclass
        ) AS ledgers
        CROSS JOIN unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS privilege
        WHERE has_table_privilege('kontor_app', ledger, privilege)
           OR (privilege = 'UPDATE' AND has_any_column_privilege('kontor_app', ledger, 'UPDATE'))
    """,
}
