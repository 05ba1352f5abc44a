"""Which carton: the smallest one that holds what was picked, or several."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from fulfilment.models import Box
from kit import clock
from kit.errors import Invalid, NotFound

FILL_PERCENT = 80
"""How much of a carton's room goods fill at most: people pack by hand, with paper between."""

LONGEST_NAME, LARGEST = 60, 100_000
"""Letters of a name; millimetres of a side and grams of a load: a pallet is no box."""

_CODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9-]{0,31}$")
_UNMEASURED_MM3_PER_GRAM = 4_000
"""Room of goods that nobody has measured: 0.25 kg per litre, lighter than most small things."""

Sides = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Good:
    """One unit: its weight, and its packed sides in millimetres where they were measured."""

    sku: str
    grams: int
    sides: Sides | None = None

    @property
    def room(self) -> int:
        """The room it takes, mm³."""
        if self.sides is None:
            return self.grams * _UNMEASURED_MM3_PER_GRAM
        length, width, height = self.sides
        return length * width * height


@dataclass(frozen=True, slots=True)
class Carton:
    """A box by its inner sides in millimetres, its own weight and the most that it carries."""

    code: str
    sides: Sides
    tare_grams: int
    most_grams: int

    @property
    def room(self) -> int:
        """Inner room, mm³."""
        length, width, height = self.sides
        return length * width * height

    def holds(self, goods: Sequence[Good]) -> bool:
        """Tell whether goods go in: each side by side, all by room and by weight."""
        if self.tare_grams + sum(good.grams for good in goods) > self.most_grams:
            return False
        if sum(good.room for good in goods) * 100 > self.room * FILL_PERCENT:
            return False
        inner = sorted(self.sides)
        return all(
            side <= space
            for good in goods
            if good.sides is not None
            for side, space in zip(sorted(good.sides), inner, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Measures:
    """A box as somebody has typed it: inner sides in mm, weights in g; None cannot be read."""

    name_de: str
    name_en: str
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    tare_grams: int | None
    most_grams: int | None


@dataclass(frozen=True, slots=True)
class Packed:
    """A parcel as it is suggested: its goods, and its carton, None where no carton holds them."""

    goods: tuple[Good, ...]
    carton: Carton | None


def smallest(goods: Sequence[Good], cartons: Sequence[Carton]) -> Carton | None:
    """Return the carton with the least room that holds goods, or None."""
    fitting = [carton for carton in cartons if carton.holds(goods)]
    return min(fitting, key=lambda carton: (carton.room, carton.code), default=None)


def suggest(goods: Sequence[Good], cartons: Sequence[Carton]) -> list[Packed]:
    """Suggest parcels: as few as a simple rule finds, each in its smallest carton.

    Everything goes into one carton where one holds it. Else the largest goods come first and each
    goes into the first parcel that still has a carton with it (first fit decreasing, which needs
    at most 11/9 of the fewest bins and one more: Dósa 2007). What no carton holds is a parcel of
    its own, without one.
    """
    if not goods:
        return []
    one = smallest(goods, cartons)
    if one is not None:
        return [Packed(tuple(goods), one)]
    parcels: list[list[Good]] = []
    for good in sorted(goods, key=lambda good: (-good.room, -good.grams, good.sku)):
        for parcel in parcels:
            if smallest([*parcel, good], cartons) is not None:
                parcel.append(good)
                break
        else:
            parcels.append([good])
    return [Packed(tuple(parcel), smallest(parcel, cartons)) for parcel in parcels]


def put(session: Session, code: str, **facts: object) -> Box:
    """Create a box or bring it up to date; `facts` are the columns of `Box`."""
    row = session.get(Box, code) or Box(code=code)
    for name, value in facts.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    return row


def save(session: Session, code: str, measures: Measures) -> Box:
    """Make a box as somebody types it, or change it; one that was retired stays so.

    Raises:
        Invalid: ``box_facts`` with the names of the `fields` that are wrong.
    """
    facts = asdict(measures)
    wrong = [name for name in ("name_de", "name_en") if not 0 < len(facts[name]) <= LONGEST_NAME]
    wrong += [
        name
        for name in ("length_mm", "width_mm", "height_mm", "most_grams")
        if not facts[name] or not 0 < facts[name] <= LARGEST
    ]
    tare = measures.tare_grams
    if tare is None or not 0 <= tare < (measures.most_grams or LARGEST):
        wrong.append("tare_grams")
    if not _CODE.match(code):
        wrong.append("code")
    if wrong:
        raise Invalid("box_facts", fields=wrong)
    return put(session, code, **facts)


def retire(session: Session, code: str, *, back: bool = False) -> Box:
    """Suggest a box no more, or again; parcels that were packed into it still name it.

    Raises:
        NotFound: ``box``.
    """
    row = one(session, code)
    row.retired_at = None if back else row.retired_at or clock.now()
    session.flush()
    return row


def all_of(session: Session, *, retired: bool = False) -> list[Box]:
    """Return the boxes in use, the smallest first; with `retired` those of before, too."""
    size = Box.length_mm * Box.width_mm * Box.height_mm
    query = select(Box).order_by(size, Box.code)
    return list(session.scalars(query if retired else query.where(Box.retired_at.is_(None))))


def one(session: Session, code: str) -> Box:
    """Return a box.

    Raises:
        NotFound: ``box``.
    """
    found = session.get(Box, code)
    if found is None:
        raise NotFound("box", box=code)
    return found


def carton_of(box: Box) -> Carton:
    """Return a box as it is reckoned with."""
    sides = (box.length_mm, box.width_mm, box.height_mm)
    return Carton(box.code, sides, box.tare_grams, box.most_grams)
