"""What can be proved about loyalty by query, by number of the invariants in the targets."""

# Each query returns the rows that break its invariant; none is well.
PROOFS: dict[int, str] = {
    10: """
        SELECT coalesce(balance.number, booked.number) AS number,
            coalesce(balance.points, 0) AS balance, coalesce(booked.points, 0) AS ledger
        FROM points_balances AS balance
        FULL JOIN (
            SELECT number, sum(points) AS points FROM points_entries GROUP BY number
        ) AS booked ON booked.number = balance.number
        WHERE coalesce(balance.points, 0) <> coalesce(booked.points, 0)
        ORDER BY 1
    """,
    11: """
        SELECT card.id, card.balance_minor AS balance, coalesce(sum(booked.amount_minor), 0)
            AS ledger
        FROM gift_cards AS card
        LEFT JOIN gift_card_entries AS booked ON booked.card_id = card.id
        GROUP BY card.id
        HAVING card.balance_minor <> coalesce(sum(booked.amount_minor), 0)
            OR card.issued_minor
                <> coalesce(sum(booked.amount_minor) FILTER (WHERE booked.cause = 'issued'), 0)
        ORDER BY 1
    """,
}
