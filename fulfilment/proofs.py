"""Proofs of the books: one query per invariant, which returns the rows that break it.

The numbers are those of the shop's list of invariants; the queries of the stock ledger stand here,
beside the tables that they judge. Every query returns `what` is wrong with its place and figures.
"""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment.stock import safety, trust
from fulfilment.tracing.lot_proofs import LOT_TERMS, ON_SALE

# What was booked since the last closed month, on top of that month's closing (which
# `fulfilment.stock.months` proves by itself): what there is to add up does not grow with the years.
_CLOSED = "(SELECT max(month) FROM stock_months)"
_SINCE = f"coalesce(stock_month_start(({_CLOSED} + interval '1 month')::date), '-infinity')"

_SUMMED = f"""
    SELECT location, sku,
        sum(quantity) FILTER (WHERE account IN ('shelf', 'quarantine')) AS on_hand,
        sum(quantity) FILTER (WHERE account = 'quarantine') AS quarantined,
        sum(quantity) FILTER (WHERE account = 'transit') AS in_transit
    FROM (
        SELECT to_location AS location, sku, to_account AS account, quantity
        FROM stock_movements WHERE to_location IS NOT NULL AND booked_at >= {_SINCE}
        UNION ALL
        SELECT from_location, sku, from_account, -quantity
        FROM stock_movements WHERE from_location IS NOT NULL AND booked_at >= {_SINCE}
        UNION ALL
        SELECT location, sku, account, quantity
        FROM stock_held_at_end_of({_CLOSED}) AS closing WHERE location <> ''
    ) AS entry
    GROUP BY location, sku
"""

_LEDGER_TERMS = f"""
    SELECT coalesce(balance.location, summed.location) AS location,
        coalesce(balance.sku, summed.sku) AS sku, term.name, term.booked, term.summed
    FROM stock_balances AS balance
    FULL JOIN ({_SUMMED}) AS summed
        ON summed.location = balance.location AND summed.sku = balance.sku
    CROSS JOIN LATERAL (VALUES
        ('on_hand', coalesce(balance.on_hand, 0), coalesce(summed.on_hand, 0)),
        ('quarantined', coalesce(balance.quarantined, 0), coalesce(summed.quarantined, 0)),
        ('in_transit', coalesce(balance.in_transit, 0), coalesce(summed.in_transit, 0))
    ) AS term (name, booked, summed)
    WHERE term.booked <> term.summed
"""

_CLAIM_TERMS = """
    SELECT coalesce(balance.location, claimed.location) AS location,
        coalesce(balance.sku, claimed.sku) AS sku, term.name, term.booked, term.summed
    FROM stock_balances AS balance
    FULL JOIN (
        SELECT location, sku, sum(reserved) AS reserved, sum(allocated) AS allocated,
            sum(picked) AS picked, sum(backordered) AS backordered
        FROM (
            SELECT location, sku, quantity AS reserved, 0 AS allocated, 0 AS picked,
                0 AS backordered
            FROM stock_reservations WHERE state = 'held'
            UNION ALL
            SELECT location, sku, 0, quantity,
                CASE WHEN state = 'picked' THEN quantity ELSE 0 END, 0
            FROM stock_allocations WHERE state IN ('open', 'picked')
            UNION ALL
            SELECT location, sku, 0, 0, 0, quantity
            FROM stock_backorders WHERE state = 'waiting'
        ) AS claim
        GROUP BY location, sku
    ) AS claimed ON claimed.location = balance.location AND claimed.sku = balance.sku
    CROSS JOIN LATERAL (VALUES
        ('reserved', coalesce(balance.reserved, 0), coalesce(claimed.reserved, 0)),
        ('allocated', coalesce(balance.allocated, 0), coalesce(claimed.allocated, 0)),
        ('picked', coalesce(balance.picked, 0), coalesce(claimed.picked, 0)),
        ('backordered', coalesce(balance.backordered, 0), coalesce(claimed.backordered, 0))
    ) AS term (name, booked, summed)
    WHERE term.booked <> term.summed
"""

# What is kept back: the safety stock in force, and the doubt by the rule of `stock.trust`.
_KEPT_TERMS = f"""
    SELECT coalesce(balance.location, kept.location) AS location,
        coalesce(balance.sku, kept.sku) AS sku, term.name, term.booked, term.summed
    FROM (
        SELECT location, sku, safety_stock, doubt FROM stock_balances
        WHERE safety_stock <> 0 OR doubt <> 0
    ) AS balance
    FULL JOIN (
        SELECT location, sku, safety_stock, doubt
        FROM ({safety.IN_FORCE}) AS setting FULL JOIN ({trust.DOUBT}) AS surprise
            USING (location, sku)
    ) AS kept ON kept.location = balance.location AND kept.sku = balance.sku
    CROSS JOIN LATERAL (VALUES
        ('safety_stock', coalesce(balance.safety_stock, 0), coalesce(kept.safety_stock, 0)),
        ('doubt', coalesce(balance.doubt, 0), coalesce(kept.doubt, 0))
    ) AS term (name, booked, summed)
    WHERE term.booked <> term.summed
"""
# What documents say of goods that come: their lines are the sums of their entries, and so is
# what the ledger has booked for them since the last closed month.
_INCOMING_TERMS = f"""
    SELECT max(location) AS location, max(sku) AS sku, what || ' of ' || document AS name,
        sum(booked) AS booked, sum(summed) AS summed
    FROM (
        SELECT line.number AS document, line.position, line.location, line.sku, term.what,
            term.units AS booked, 0 AS summed
        FROM purchase_order_lines AS line
        CROSS JOIN LATERAL (VALUES
            ('ordered', ordered), ('received', received), ('cancelled', cancelled)
        ) AS term (what, units)
        UNION ALL
        SELECT line.number, line.position, line.location, line.sku, term.what, term.units, 0
        FROM transfer_lines AS line JOIN transfers AS head USING (number)
        CROSS JOIN LATERAL (VALUES
            ('requested', requested), ('sent', sent), ('received', received), ('lost', lost),
            ('found', found), ('cancelled', CASE head.state WHEN 'cancelled' THEN requested END)
        ) AS term (what, units)
        UNION ALL
        SELECT document, position, NULL, sku, what, 0, quantity FROM incoming_entries
    ) AS entry
    WHERE what <> 'date'
    GROUP BY document, position, what
    HAVING coalesce(sum(booked), 0) <> sum(summed)
    UNION ALL
    SELECT coalesce(max(location), ''), sku, 'booked as ' || what || ' of ' || document,
        sum(booked), sum(summed)
    FROM (
        SELECT document, NULL AS location, sku, what, quantity AS booked, 0 AS summed
        FROM incoming_entries
        WHERE what IN ('sent', 'received', 'lost', 'found') AND at >= {_SINCE}
        UNION ALL
        SELECT document, coalesce(to_location, from_location), sku,
            CASE cause WHEN 'transfer_out' THEN 'sent' WHEN 'transfer_lost' THEN 'lost'
                WHEN 'found' THEN 'found' ELSE 'received' END, 0, quantity
        FROM stock_movements
        WHERE cause IN ('receipt', 'transfer_out', 'transfer_in', 'transfer_lost', 'found')
            AND booked_at >= {_SINCE}
            AND document IN (SELECT number FROM purchase_orders UNION SELECT number FROM transfers)
    ) AS entry
    GROUP BY document, sku, what
    HAVING sum(booked) <> sum(summed)
    UNION ALL
    SELECT line.location, line.sku, 'on the way by transfers', coalesce(balance.in_transit, 0),
        sum(line.outstanding)
    FROM transfer_lines AS line
    LEFT JOIN stock_balances AS balance USING (sku, location)
    WHERE line.outstanding > 0
    GROUP BY line.location, line.sku, balance.in_transit
    HAVING sum(line.outstanding) > coalesce(balance.in_transit, 0)
"""
_TERMS = f"({_LEDGER_TERMS}) UNION ALL ({_CLAIM_TERMS}) UNION ALL ({_KEPT_TERMS})"

PROOFS: dict[int, str] = {
    # Sum of the ledger = on hand, per SKU and location; what is claimed = the claims.
    1: f"""
        SELECT name || ' is not what the rows sum up to' AS what, location, sku, booked, summed
        FROM ({_TERMS} UNION ALL ({_INCOMING_TERMS}) UNION ALL {LOT_TERMS}) AS broken
        ORDER BY location, sku, name
    """,
    # The ledger nets to zero: what came in from outside and did not leave again is held somewhere.
    2: f"""
        SELECT 'units appeared or vanished' AS what, sku, sum(outside) AS outside, sum(held) AS held
        FROM (
            SELECT sku, quantity AS outside, 0 AS held
            FROM stock_movements WHERE to_location IS NULL AND booked_at >= {_SINCE}
            UNION ALL
            SELECT sku, -quantity, 0
            FROM stock_movements WHERE from_location IS NULL AND booked_at >= {_SINCE}
            UNION ALL
            SELECT sku, quantity, 0
            FROM stock_held_at_end_of({_CLOSED}) AS closing WHERE location = ''
            UNION ALL
            SELECT sku, 0, on_hand + in_transit FROM stock_balances
        ) AS entry
        GROUP BY sku
        HAVING sum(outside) + sum(held) <> 0
        ORDER BY sku
    """,
    # Nothing is negative, what is promised is there, and what is called back is not for sale.
    3: f"""
        SELECT CASE WHEN on_hand < 0 THEN 'on hand is negative'
                ELSE 'more is promised than there' END AS what,
            location, sku, on_hand, quarantined, reserved, allocated
        FROM stock_balances
        WHERE on_hand < 0 OR reserved + allocated > on_hand - quarantined
        UNION ALL
        {ON_SALE}
        ORDER BY location, sku
    """,
    # Every reservation ends exactly once; a claimed one became as many allocated units. So does
    # every backorder; a covered one became the reservation or the allocation that has its id.
    4: """
        SELECT 'state and end disagree' AS what, order_ref, location, sku, quantity, state
        FROM stock_reservations WHERE (state = 'held') <> (ended_at IS NULL)
        UNION ALL
        SELECT 'claimed without allocation', claimed.order_ref, claimed.location, claimed.sku,
            claimed.quantity - coalesce(allocated.quantity, 0), 'claimed'
        FROM (
            SELECT order_ref, line_id, location, sku, sum(quantity) AS quantity
            FROM stock_reservations WHERE state = 'claimed'
            GROUP BY order_ref, line_id, location, sku
        ) AS claimed
        LEFT JOIN (
            SELECT order_ref, line_id, location, sku, sum(quantity) AS quantity
            FROM stock_allocations GROUP BY order_ref, line_id, location, sku
        ) AS allocated USING (order_ref, line_id, location, sku)
        WHERE claimed.quantity > coalesce(allocated.quantity, 0)
        UNION ALL
        SELECT 'state and end disagree', order_ref, location, sku, quantity, state
        FROM stock_backorders WHERE (state = 'waiting') <> (ended_at IS NULL)
        UNION ALL
        SELECT 'covered without claim', order_ref, location, sku, quantity, state
        FROM stock_backorders AS covered
        WHERE (state = 'covered') <> (
            EXISTS (SELECT FROM stock_reservations AS claim WHERE claim.id = covered.id)
            OR EXISTS (SELECT FROM stock_allocations AS claim WHERE claim.id = covered.id)
        )
    """,
    # A parcel holds what was scanned into it.
    7: """
        SELECT 'parcel and scans disagree' AS what, parcel_id, line_id, sku,
            sum(packed) AS packed, sum(scanned) AS scanned
        FROM (
            SELECT parcel_id, line_id, sku, quantity AS packed, 0 AS scanned FROM parcel_lines
            UNION ALL
            SELECT parcel_id, line_id, sku, 0, quantity FROM stock_allocations
            WHERE parcel_id IS NOT NULL AND state IN ('picked', 'shipped')
        ) AS entry
        GROUP BY parcel_id, line_id, sku
        HAVING sum(packed) <> sum(scanned)
        ORDER BY parcel_id, line_id
    """,
}


@dataclass(frozen=True, slots=True)
class Drift:
    """A column of a balance that is not what its rows sum up to."""

    location: str
    sku: str
    term: str
    booked: int
    summed: int


_DRIFT = text(f"SELECT * FROM ({_TERMS}) AS broken ORDER BY location, sku, name")


def drift(session: Session) -> list[Drift]:
    """Compare every balance with the movements and claims that it stands for.

    Returns:
        What disagrees, by location, SKU and term; empty when the books are right.
    """
    return [
        Drift(location, sku, term, booked, int(summed))
        for location, sku, term, booked, summed in session.execute(_DRIFT)
    ]
