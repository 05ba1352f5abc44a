"""Truths: what has to hold before a message is written, one function each.

Each takes what is about to be said beside what the books say, and returns a sentence for the back
office where the two differ, else None. A truth knows nothing of templates: it reads the words that
the customer would read.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.messages.said import Said, Untrue

LARGEST_BYTES = 100_000
"""A mail's text and HTML together; papers that go with it not counted."""

_WORDS = {
    "beide": 2, "beiden": 2, "both": 2, "zwei": 2, "two": 2, "drei": 3, "three": 3, "vier": 4,
    "four": 4, "fünf": 5, "five": 5, "sechs": 6, "six": 6, "sieben": 7, "seven": 7, "acht": 8,
    "eight": 8, "neun": 9, "nine": 9, "zehn": 10, "ten": 10, "elf": 11, "eleven": 11, "zwölf": 12,
    "twelve": 12,
}  # fmt: skip
"""Numbers as people write them. "Ein Paket" and "a parcel" count nothing: they may be any one."""

_NUMBER = rf"(\d+|(?i:{'|'.join(_WORDS)}))"
_OF = re.compile(rf"\b(?:Paket|Parcel|parcel) (\d+) (?:von|of) {_NUMBER}\b")
_COUNTS = re.compile(
    rf"\b{_NUMBER} (?:of the |der )?(?:separaten? |getrennten? |separate )?(?:Paketen?|parcels?)\b"
)

Truth = Callable[[Said], str | None]


def whole(said: Said) -> str | None:
    """The letter's own facts carry what it says."""
    if said.letter is None:
        return None
    try:
        said.letter.check()
    except Untrue as error:
        return str(error)
    return None


def known_order(said: Said) -> str | None:
    """The order that it speaks of exists."""
    return None if said.order is not None else "there is no such order"


def only_what_was_ordered(said: Said) -> str | None:
    """Every article that it names was ordered, and not more of it than was ordered."""
    if said.order is None:
        return None
    told: Counter[str] = Counter()
    for parcel in (*_open(said), *_gone(said), *_before(said)):
        told.update(_units(parcel.lines))
    for part in ("lines", "later"):
        for sku, units in _units(getattr(said.letter, part, ())).items():
            told[sku] = max(told[sku], units)
    over = {sku: units for sku, units in told.items() if units > said.order.ordered.get(sku, 0)}
    return f"not ordered, or not so many: {over}" if over else None


def really_handed_over(said: Said) -> str | None:
    """What it calls shipped was handed over, with just these ordered goods in it."""
    if said.order is None:
        return None
    real = [p for p in said.order.parcels if p.handed_over]
    if not _gone(said):
        return "nothing was shipped"
    for parcel in (*_gone(said), *_before(said)):
        units = _units(parcel.lines)
        match = next(
            (
                seen
                for seen in real
                if seen.origin == parcel.origin
                and dict(seen.units) == dict(units)
                and seen.tracking_code == parcel.tracking_code
            ),
            None,
        )
        if match is None or not units:
            return f"no parcel from {parcel.origin} with {dict(units)} was handed over"
        real.remove(match)
    return None


def all_parcels(said: Said) -> str | None:
    """It speaks of as many parcels as there are, and so does every number in its text."""
    if said.order is None or said.letter is None:
        return None
    count = said.order.count
    told = _told(said)
    if told is not None and told != count:
        return f"it speaks of {told} parcels, there are {count}"
    gone, still = len(_gone(said)), len(getattr(said.letter, "still_to_come", ()))
    allowed = {count, gone, still} if _gone(said) else {count}
    words = _without_titles(said)
    for number, of in _OF.findall(words):
        if _value(of) != count or not 1 <= int(number) <= count:
            return f"its text says parcel {number} of {of}, there are {count}"
    for number in _COUNTS.findall(words):
        if _value(number) not in allowed:
            return f"its text says {number} parcels, there are {count}"
    return None


def _value(number: str) -> int:
    return _WORDS.get(number.lower()) or int(number)


def one_promise(said: Said) -> str | None:
    """It quotes the one promised day, and lets nothing come after it."""
    if said.order is None or said.letter is None:
        return None
    day = said.order.promised_on
    if said.promised_on != day:
        return f"it promises {said.promised_on}, the order {day}"
    if day is None:
        return None
    # An SMS is short: where it names a day, it is the one.
    if said.promise is None or said.promise not in said.text:
        return f"its text does not quote the promised day, {day}"
    if said.channel == "mail" and said.promise not in said.html:
        return f"its HTML does not quote the promised day, {day}"
    after = [p.arrives_on for p in _open(said) if p.arrives_on > day and not p.handed_over]
    return f"a parcel arrives on {max(after)}, after the promised {day}" if after else None


def days_of_the_books(said: Said) -> str | None:
    """Each parcel still to come arrives when the books say so."""
    if said.order is None:
        return None
    told = Counter((p.origin, p.arrives_on) for p in _open(said) if not p.handed_over)
    real = Counter((p.origin, p.arrives_on) for p in said.order.parcels if not p.handed_over)
    wrong = told - real
    return f"days that no parcel has: {sorted(map(str, wrong))}" if wrong else None


def amounts_of_the_books(said: Said) -> str | None:
    """What it says that the order costs, or what went back, is what the books say."""
    if said.order is None or said.letter is None:
        return None
    if said.letter.order.total_minor != said.order.total_minor:
        return f"it says {said.letter.order.total_minor}, the order costs {said.order.total_minor}"
    if said.letter.order.to_pay_minor != said.order.to_pay_minor:
        told, owed = said.letter.order.to_pay_minor, said.order.to_pay_minor
        return f"it says that {told} is to be paid on collection, it is {owed}"
    back = getattr(said.letter, "refunded_minor", None)
    if back is not None and back != said.order.not_delivered_minor:
        return f"it says that {back} went back, it is {said.order.not_delivered_minor}"
    return None


def really_cancelled(said: Said) -> str | None:
    """What it calls cancelled is cancelled."""
    if said.order is None:
        return None
    told = _units(getattr(said.letter, "cancelled", ()))
    wrong = {s: n for s, n in told.items() if n > said.order.cancelled.get(s, 0)}
    return f"not cancelled: {wrong}" if wrong else None


def really_laid_out(said: Said) -> str | None:
    """What it calls ready lies ready, packed, in the store."""
    if said.order is None:
        return None
    units: Counter[str] = Counter()
    for parcel in said.order.parcels:
        if parcel.laid_out:
            units.update(parcel.units)
    told = _units(said.letter.lines)
    return None if told and told == units else f"{dict(units)} are laid out, not {dict(told)}"


def paid(said: Said) -> str | None:
    """The order is paid."""
    if said.order is None:
        return None
    if said.order.to_pay_minor:
        return f"{said.order.to_pay_minor} is to be paid when it is collected"
    if said.order.state in {"confirmed", "completed"}:
        return None
    return f"the order is {said.order.state}"


def bank_asked(said: Said) -> str | None:
    """The order waits for the answer of a bank."""
    if said.order is None or (said.order.state == "placed" and said.order.bank_asked):
        return None
    return f"the order is {said.order.state} and waits for no bank"


def lapsed(said: Said) -> str | None:
    """The order was closed unpaid."""
    if said.order is None or said.order.state == "lapsed":
        return None
    return f"the order is {said.order.state}"


def really_held(said: Said) -> str | None:
    """What it says is put aside is put aside, what it says is gone is gone."""
    if said.hold is None:
        return "there is no such hold"
    there, gone = _units(said.letter.lines), _units(said.letter.gone)
    if said.letter.what != "expired" and dict(there) != dict(said.hold.there):
        return f"{dict(said.hold.there)} are put aside, not {dict(there)}"
    if gone and dict(gone) != dict(said.hold.lost):
        return f"{dict(said.hold.lost)} were lost, not {dict(gone)}"
    if said.letter.what == "ready" and said.hold.state != "ready":
        return f"the hold is {said.hold.state}"
    return None


def as_it_stands(said: Said) -> str | None:
    """Goods and sum are those of the offer or receipt in the books."""
    if said.paper is None:
        return "there is no such offer or receipt"
    units: Counter[str] = Counter()
    for line in said.facts["lines"]:
        units[line["sku"]] += line["quantity"]
    if dict(+units) != {sku: count for sku, count in said.paper.units.items() if count}:
        return f"it names {dict(units)}, and the books {dict(said.paper.units)}"
    if said.facts["total_minor"] != said.paper.total_minor:
        return f"it is {said.paper.total_minor}, not {said.facts['total_minor']}"
    return None


def still_open(said: Said) -> str | None:
    """What is offered can still be had at its price; what is said to be taken back is so."""
    told = "withdrawn" if said.facts["what"] == "withdrawn" else "open"
    if said.paper is None or said.paper.state == told:
        return None
    return f"the offer is {said.paper.state}"


def wanted(said: Said) -> str | None:
    """Advertising goes to whoever has confirmed that they want it, and to nobody else."""
    if said.address is None or not said.address.consents:
        return "this address has not confirmed that it wants advertising"
    return None


def no_problem_open(said: Said) -> str | None:
    """Nobody is asked for praise or shown goods while something of theirs is not solved."""
    problem = said.address.problem if said.address else None
    return f"held back: {problem}" if problem else None


def way_out(said: Said) -> str | None:
    """Advertising shows the way out."""
    link = said.facts.get("unsubscribe_url")
    return None if link and link in said.text else "there is no way to unsubscribe in it"


def no_hole(said: Said) -> str | None:
    """No fact is missing where a word should be."""
    hole = re.search(r"\bNone\b|\{\{|\}\}|\bUndefined\b", said.text)
    # What a customer has typed is quoted as it is, whatever it looks like.
    if hole is None or any(hole[0] in words for words in _strings(said.facts)):
        return None
    return f"there is a hole in its text: {hole[0]}"


def light(said: Said) -> str | None:
    """Text and HTML stay below 100 kB: beyond that, mail programs cut."""
    return f"it weighs {said.size} bytes" if said.size > LARGEST_BYTES else None


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner)


def _gone(said: Said) -> tuple[Any, ...]:
    """The parcels of a letter whose point is that they were handed over just now."""
    return tuple(said.letter.parcels) if hasattr(said.letter, "still_to_come") else ()


def _before(said: Said) -> tuple[Any, ...]:
    return tuple(getattr(said.letter, "before", ()))


def _open(said: Said) -> tuple[Any, ...]:
    """The parcels that a letter speaks of as still to come, or as they stand."""
    if said.letter is None:
        return ()
    if hasattr(said.letter, "still_to_come"):
        return tuple(said.letter.still_to_come)
    found = getattr(said.letter, "parcels", ())
    return tuple(found) if isinstance(found, tuple) else ()


def _told(said: Said) -> int | None:
    """How many parcels the facts speak of; None where they speak of none."""
    found = getattr(said.letter, "parcels", None)
    if isinstance(found, int):
        return found
    if found is None:
        return None
    return len(_open(said)) + len(_gone(said)) + len(_before(said))


def _units(lines: Iterable[Any]) -> Counter[str]:
    units: Counter[str] = Counter()
    for line in lines:
        units[line.sku] += line.quantity
    return units


def _without_titles(said: Said) -> str:
    """Return the text without names of goods: "Haken, 3 Pakete" is not a number of parcels."""
    titles: set[str] = set()
    for parcel in (*_open(said), *_gone(said), *_before(said)):
        titles.update(line.title for line in parcel.lines)
    for part in ("lines", "later", "cancelled", "gone"):
        titles.update(line.title for line in getattr(said.letter, part, ()))
    words = said.text
    for title in sorted(titles, key=len, reverse=True):
        words = words.replace(title, " ")
    return words
