"""Who sells, for the rooms of the web: the facts in force, looked up again every few seconds."""

import time
from typing import Any

from app.legal import retailers
from app.legal.retailer import RETAILER as SAMPLE
from app.legal.retailer import Retailer
from kit.database import reading

_LASTS_SECONDS = 5.0


class _InForce:
    """Stands for the retailer; every fact is the published one, or the sample's before that."""

    def __init__(self) -> None:
        self._known: Retailer = SAMPLE
        self._until = 0.0

    def __getattr__(self, name: str) -> Any:
        if time.monotonic() > self._until:
            self._look_up()
        return getattr(self._known, name)

    def _look_up(self) -> None:
        self._until = time.monotonic() + _LASTS_SECONDS
        try:
            with reading() as session:
                self._known = retailers.in_force(session)
        except RuntimeError:
            # No database is configured: this process only prints or tests.
            self._known = SAMPLE

    def forget(self) -> None:
        """Look up anew at the next question: somebody has just published other facts."""
        self._until = 0.0


RETAILER = _InForce()

__all__ = ["RETAILER", "Retailer"]
