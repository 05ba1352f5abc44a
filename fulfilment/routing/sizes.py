"""What fits into a carrier's parcels: no unit longer or heavier than they take."""

from dataclasses import dataclass

from fulfilment.routing.problem import Rates


@dataclass(frozen=True, slots=True)
class Size:
    """One unit: its goods group, millimetres (0: not known, fits) and grams."""

    group: int
    longest_mm: int
    weight_grams: int


def fits(rates: Rates, size: Size) -> bool:
    """Whether one unit may be in a parcel at these rates."""
    if rates.longest_mm is not None and size.longest_mm > rates.longest_mm:
        return False
    return rates.heaviest_grams is None or size.weight_grams <= rates.heaviest_grams
