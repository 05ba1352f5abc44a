"""Two articles that the demo keeps apart: a food by lot and date, a machine by serial number.

Each place is counted by lots the way a store would do it, so that nothing is of unknown lot; the
number of units stays what `stock.toml` says.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from fulfilment.stock import counts
from fulfilment.tracing import lots, tracking
from kit import clock
from kit.database import transaction

BRINE, MACHINE = "GW-FO-250", "KM-X150-EDE"
# The older lot goes first; days are counted from the demo's start.
LOTS = {"FO-2608": 95, "FO-2610": 240}
_COUNTED = 20
_BY = "demo"


def put_all(start: datetime) -> int:
    """Keep two articles apart and count them; a second time does nothing.

    Args:
        start: the demo's first instant; the counts lie before it.

    Returns:
        How many articles are kept apart.
    """
    wanted = {BRINE: "lot", MACHINE: "serial"}
    with clock.frozen(start - timedelta(days=_COUNTED)), transaction() as session:
        known = lots.trackings(session, wanted)
        for sku, kind in wanted.items():
            if sku not in known:
                tracking.track(session, sku, kind, actor=_BY)
                _count(session, sku)
        for lot, days in LOTS.items():
            if BRINE not in known:
                day = clock.berlin(start + timedelta(days=days)).date()
                lots.date_lot(session, BRINE, lot, day)
    return len(wanted)


def _count(session: Session, sku: str) -> None:
    number = 1
    for row in lots.of_sku(session, sku):
        if sku == BRINE:
            older, newer = LOTS
            named = {older: row.on_hand // 3, newer: row.on_hand - row.on_hand // 3}
        else:
            named = {f"X150-{number + step:05}": 1 for step in range(row.on_hand)}
            number += row.on_hand
        [task] = [one for one in counts.open_tasks(session, row.location) if one.sku == sku]
        found = {lot: units for lot, units in named.items() if units}
        counts.post(session, task.id, row.on_hand, actor=_BY, lots=found)
