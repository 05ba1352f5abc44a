"""What earlier replayed orders changed for later ones: goods, and parcels of a day.

A decision of then saw stock from which the plans of then had been taken. Replayed orders may take
their units elsewhere. So for every place and SKU it is kept how many units fewer (or more) the
replay has taken there than the plans of then, and that many are added to what a later decision saw.
Never below 0: a unit that was not there cannot be taken. Where somebody had chosen the places that
may send, no other one comes in; units that lay claimed for the order itself stay where they lay.

Receipts, till sales, counts and losses stay as they happened; a difference lasts until the end of
the period. Fulfilment orders of a location's day are counted the same way.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from fulfilment.places.calendars import local
from fulfilment.routing.decision import Decision
from fulfilment.routing.given import CHOSEN, CLAIMED, Given


class Corrections:
    """Units by SKU and location, fulfilment orders by location and ship day."""

    def __init__(self) -> None:
        self._units: defaultdict[str, defaultdict[str, int]] = defaultdict(_zeros)
        self._jobs: defaultdict[tuple[str, object], int] = defaultdict(int)

    def note(self, then: Decision, now: Decision, times: int = 1) -> None:
        """Take account of a decision replayed as `now`; `times` = -1 takes it back."""
        for decision, sign in ((then, times), (now, -times)):
            for part in decision.assignments:
                self._units[part.sku][part.location] += sign * part.quantity
            for job in {(part.location, part.ships_on) for part in decision.assignments}:
                self._jobs[job] -= sign

    def apply(self, asked: Given) -> Given:
        """Return the question with the stock and the parcels that the replay would have seen."""
        if asked.stock == CLAIMED:
            return asked
        free = self._free(asked)
        today = local(asked.now).date()
        days = (today, today + timedelta(days=1))
        changed = {place for (place, day), jobs in self._jobs.items() if jobs and day in days}
        used = dict(asked.used)
        for place in changed & free.keys():
            before = asked.used.get(place) or (0, 0)
            used[place] = tuple(
                max(0, parcels + self._jobs.get((place, day), 0))
                for parcels, day in zip(before, days, strict=True)
            )
        return replace(asked, free=free, used=used)

    def _free(self, asked: Given) -> dict[str, dict[str, int]]:
        free = {place: dict(units) for place, units in asked.free.items()}
        for sku in dict.fromkeys(line.sku for line in asked.lines):
            for place, units in self._units.get(sku, {}).items():
                if units and (asked.stock != CHOSEN or place in free):
                    there = free.setdefault(place, {})
                    there[sku] = max(0, there.get(sku, 0) + units)
        return free

    def open_places(self) -> Iterable[tuple[str, str, int]]:
        """Return (location, SKU, units more than then) wherever there is a difference."""
        for sku, places in self._units.items():
            for place, units in places.items():
                if units:
                    yield place, sku, units


def _zeros() -> defaultdict[str, int]:
    return defaultdict(int)
