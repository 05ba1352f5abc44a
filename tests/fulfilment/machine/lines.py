"""What was ordered is shipped, cancelled or open, to the unit; and no unit lies in two parcels."""

from collections import Counter
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from sqlalchemy import text

from fulfilment.outbound import fulfilment_orders, parcels, picking
from tests.fulfilment.machine.core import Core

# What has lost its place is open as a shortage; one that is resolved was refunded, so cancelled.
_STANDING = text(
    """
    SELECT line_id,
        coalesce(sum(quantity) FILTER (WHERE state IN ('open', 'picked')), 0) AS open,
        coalesce(sum(quantity) FILTER (WHERE state = 'shipped'), 0) AS shipped,
        coalesce(sum(quantity) FILTER (WHERE state = 'released'), 0) AS cancelled,
        coalesce(sum(quantity) FILTER (WHERE state IN ('lost', 'short')), 0) AS missing,
        coalesce(sum(quantity) FILTER (WHERE parcel_id IS NOT NULL), 0) AS in_parcels
    FROM stock_allocations GROUP BY line_id
    """
)
_PACKED = text(
    """
    SELECT line.line_id, sum(line.quantity) AS units,
        sum(line.quantity) FILTER (WHERE parcel.shipment_id IS NOT NULL) AS gone
    FROM parcel_lines AS line JOIN parcels AS parcel ON parcel.id = line.parcel_id
    GROUP BY line.line_id
    """
)


class Lines(Core):
    """Packing apart and opening again, and the account of every line that was ever claimed."""

    @rule(job=Core.jobs, boxes=st.integers(2, 3), one_more=st.booleans())
    def pack_apart(self, job: Any, boxes: int, one_more: bool) -> None:  # noqa: FBT001 - drawn
        for number in job[1]:
            found = picking.job(self.session, number)
            units = [line.line_id for line in found.lines for _unit in range(line.picked)]
            parts = [Counter(units[place::boxes]) for place in range(boxes)]
            contents = [Counter(part) for part in parts if part]
            if one_more and contents:
                # The first unit of all lies in two parcels.
                contents[-1][units[0]] += 1
            listed = [list(content.items()) for content in contents]
            sealed = self.attempt(
                lambda number=number, listed=listed: parcels.pack(
                    self.session, number, contents=listed
                )
            )
            if found.state == "picked" and units:
                assert self.refused == ("parcel_contents" if one_more else None)
                assert len(sealed or ()) == (0 if one_more else len(contents))

    @rule(job=Core.jobs)
    def open_again(self, job: Any) -> None:
        for number in job[1]:
            row = fulfilment_orders.locked(self.session, number)
            self.attempt(lambda row=row: parcels.open_again(self.session, row))

    @invariant()
    def every_unit_is_somewhere_once(self) -> None:
        standing = {row.line_id: row for row in self.session.execute(_STANDING)}
        packed = {row.line_id: row for row in self.session.execute(_PACKED)}
        for line, ordered in self.ordered.items():
            row = standing[line]
            assert row.open + row.shipped + row.cancelled + row.missing == ordered
            units, gone = (packed[line].units, packed[line].gone or 0) if line in packed else (0, 0)
            assert gone == row.shipped
            assert units == row.in_parcels <= row.open + row.shipped
        assert packed.keys() <= standing.keys()
