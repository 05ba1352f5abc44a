"""Loyalty's invariants as SQL: each query returns the rows that break it."""

PROOFS = {
    10: """
        SELECT coalesce(entry.number, balance.number) AS number, entry.points AS booked,
            balance.points AS balance
        FROM (SELECT number, sum(points) AS points FROM points_entries GROUP BY number) AS entry
        FULL JOIN points_balances AS balance ON balance.number = entry.number
        WHERE coalesce(entry.points, 0) <> coalesce(balance.points, 0)
    """,
}
