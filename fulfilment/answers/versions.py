"""Whether stock has moved since somebody looked, without saying how: for pages that are kept.

Each change of a balance gives its row a newer transaction number (`xmin`), so the sum over some
SKUs grows with every change that is committed, and with nothing else. What moves no row is counted
beside it: holds and owed units whose deadline has passed (see `availability`).
"""

STOCK = """(
    SELECT coalesce(sum(balance.xmin::text::bigint), 0) || '/' || coalesce(sum(
        CASE WHEN balance.reserved = 0 THEN 0 ELSE (
            SELECT count(*) FROM stock_reservations AS expired
            WHERE expired.state = 'held' AND expired.location = balance.location
                AND expired.sku = balance.sku AND expired.expires_at <= {at}
        ) END
        + CASE WHEN balance.backordered = 0 THEN 0 ELSE (
            SELECT count(*) FROM stock_backorders AS expired
            WHERE expired.state = 'waiting' AND expired.location = balance.location
                AND expired.sku = balance.sku AND expired.expires_at <= {at}
        ) END
    ), 0)
    FROM stock_balances AS balance WHERE balance.sku = ANY({skus})
)"""
"""A term of SQL: the version of the stock of some SKUs, as text; fill in `skus` and `at`."""

SETUP = "(SELECT stamp FROM setup_stamps WHERE id = 1)"
"""A term of SQL: the stamp of locations, calendars, carriers and rules."""
