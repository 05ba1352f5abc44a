"""Routing: the cheapest set of locations that keeps the date, with its proof and its reasons."""

from fulfilment.routing.decide import decide
from fulfilment.routing.decision import (
    Alternative,
    Assignment,
    Cost,
    Decision,
    Exclusion,
    PlannedParcel,
)
from fulfilment.routing.problem import (
    Destination,
    Line,
    Problem,
    Rates,
    Source,
    Tariff,
    Zone,
)

__all__ = [
    "Alternative",
    "Assignment",
    "Cost",
    "Decision",
    "Destination",
    "Exclusion",
    "Line",
    "PlannedParcel",
    "Problem",
    "Rates",
    "Source",
    "Tariff",
    "Zone",
    "decide",
]
