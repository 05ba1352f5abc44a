"""Proofs of lots: parts of invariants 1 and 3, for `fulfilment.proofs`.

`?` has no sum of its own: what no lot is named for is what is left of the place's balance.
"""

from collections.abc import Sequence

# Beside the closing of the last closed month only what was booked since has to be added up.
_CLOSED = "(SELECT max(month) FROM stock_months)"
_SINCE = f"coalesce(stock_month_start(({_CLOSED} + interval '1 month')::date), '-infinity')"

_ENTRIES = f"""
    SELECT to_location AS location, sku, lot, to_account AS account, quantity
    FROM stock_movements
    WHERE lot IS NOT NULL AND to_location IS NOT NULL AND booked_at >= {_SINCE}
    UNION ALL
    SELECT from_location, sku, lot, from_account, -quantity
    FROM stock_movements
    WHERE lot IS NOT NULL AND from_location IS NOT NULL AND booked_at >= {_SINCE}
    UNION ALL
    SELECT location, sku, lot, account, quantity
    FROM stock_lot_closings WHERE month = {_CLOSED}
"""


def _differing(names: Sequence[str], one: str, other: str) -> str:
    """Return SQL for the columns of two joined rows that are not the same."""
    values = ", ".join(
        f"('{name}', coalesce({one}.{name}, 0), coalesce({other}.{name}, 0))" for name in names
    )
    return f"""
        CROSS JOIN LATERAL (VALUES {values}) AS term (name, booked, summed)
        WHERE term.booked <> term.summed
    """


_COLUMNS = ("on_hand", "quarantined", "in_transit")

# A lot holds what its movements sum up to.
_LOTS = f"""
    SELECT coalesce(held.location, summed.location) AS location,
        coalesce(held.sku, summed.sku) AS sku,
        'lot ' || coalesce(held.lot, summed.lot) || ': ' || term.name AS name,
        term.booked, term.summed
    FROM (SELECT * FROM stock_lots WHERE lot <> '?') AS held
    FULL JOIN (
        SELECT location, sku, lot,
            sum(quantity) FILTER (WHERE account IN ('shelf', 'quarantine')) AS on_hand,
            sum(quantity) FILTER (WHERE account = 'quarantine') AS quarantined,
            sum(quantity) FILTER (WHERE account = 'transit') AS in_transit
        FROM ({_ENTRIES}) AS entry
        WHERE lot <> '?'
        GROUP BY location, sku, lot
    ) AS summed USING (location, sku, lot)
    {_differing(_COLUMNS, "held", "summed")}
"""

# The lots of a place are what the place holds.
_PLACES = """
    SELECT balance.location, balance.sku, 'sum of lots: ' || term.name, term.booked, term.summed
    FROM stock_balances AS balance
    LEFT JOIN (
        SELECT location, sku, sum(on_hand) AS on_hand, sum(quarantined) AS quarantined,
            sum(in_transit) AS in_transit
        FROM stock_lots GROUP BY location, sku
    ) AS summed ON summed.location = balance.location AND summed.sku = balance.sku
    CROSS JOIN LATERAL (VALUES
        ('on_hand', balance.on_hand, coalesce(summed.on_hand, 0)),
        ('quarantined', balance.quarantined, coalesce(summed.quarantined, 0)),
        ('in_transit', balance.in_transit, coalesce(summed.in_transit, 0))
    ) AS term (name, booked, summed)
    WHERE term.booked <> term.summed
        AND (balance.tracking IS NOT NULL OR summed.sku IS NOT NULL)
"""

# What is picked of a lot is there; what is kept apart was read before it went into a tote.
_PICKED = """
    SELECT claim.location, claim.sku,
        CASE WHEN claim.lot IS NULL THEN 'picked without a lot'
            ELSE 'picked of lot ' || claim.lot END,
        sum(claim.quantity), coalesce(max(held.shelf), 0)
    FROM stock_allocations AS claim
    JOIN stock_balances AS balance
        ON balance.location = claim.location AND balance.sku = claim.sku
        AND balance.tracking IS NOT NULL
    LEFT JOIN (
        SELECT location, sku, lot, on_hand - quarantined AS shelf FROM stock_lots
    ) AS held
        ON held.location = claim.location AND held.sku = claim.sku AND held.lot = claim.lot
    WHERE claim.state = 'picked'
    GROUP BY claim.location, claim.sku, claim.lot
    HAVING claim.lot IS NULL OR sum(claim.quantity) > coalesce(max(held.shelf), 0)
"""

# Every balance shows what its SKU asks for.
_RULES = """
    SELECT balance.location, balance.sku, 'rule of the SKU',
        (balance.tracking IS NOT NULL)::int + balance.recalled::int,
        (rule.tracking IS NOT NULL)::int + coalesce(rule.recalled, false)::int
    FROM stock_balances AS balance
    LEFT JOIN sku_rules AS rule ON rule.sku = balance.sku
    WHERE balance.tracking IS DISTINCT FROM rule.tracking
        OR balance.recalled <> coalesce(rule.recalled, false)
    UNION ALL
    SELECT '', rule.sku, 'open recalls', rule.recalled::int, count(recall.id)
    FROM sku_rules AS rule
    LEFT JOIN recalls AS recall ON recall.sku = rule.sku AND recall.closed_at IS NULL
    GROUP BY rule.sku
    HAVING rule.recalled <> (count(recall.id) > 0)
"""

LOT_TERMS = f"({_LOTS}) UNION ALL ({_PLACES}) UNION ALL ({_PICKED}) UNION ALL ({_RULES})"
"""Invariant 1: location, sku, name, what is booked and what it sums up to."""

# What is called back is on no shelf, but for what is in totes when the recall begins.
ON_SALE = """
    SELECT 'called back and on the shelf', balance.location, balance.sku, balance.on_hand,
        balance.quarantined, balance.reserved, balance.allocated
    FROM recalls AS recall
    JOIN stock_balances AS balance ON balance.sku = recall.sku
    LEFT JOIN stock_lots AS held
        ON held.sku = balance.sku AND held.location = balance.location
        AND (recall.lots IS NULL OR held.lot = ANY(recall.lots) OR held.lot = '?')
    WHERE recall.closed_at IS NULL AND CASE
        WHEN balance.tracking IS NULL
            THEN balance.on_hand - balance.quarantined - balance.picked > 0
        ELSE held.on_hand - held.quarantined > (
            SELECT coalesce(sum(claim.quantity), 0) FROM stock_allocations AS claim
            WHERE claim.sku = held.sku AND claim.location = held.location
                AND claim.state = 'picked' AND claim.lot = held.lot
        ) AND balance.on_hand - balance.quarantined - balance.picked > 0
    END
"""
"""Part of invariant 3: what is called back can be sold."""
