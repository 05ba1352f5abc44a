"""The parts of a decision in words: why a location did not send, and by what a plan lost.

`reasons` makes sentences of them; the decision page shows them side by side.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from flask_babel import gettext, ngettext

from app.i18n import formats
from fulfilment.routing.decision import Alternative, Cost, Decision, Exclusion

COMPONENTS = ("parcels", "handling", "counter", "split", "late", "short")
"""The components of a plan's cost, in the order in which bars and sums show them."""


def component(name: str) -> str:
    """Return what people call a component of a plan's cost."""
    known = {
        "parcels": gettext("Porto"),
        "handling": gettext("Handarbeit"),
        "counter": gettext("Ware fehlt dem Tresen"),
        "split": gettext("zusätzliche Pakete"),
        "late": gettext("Verspätung"),
        "short": gettext("fehlende Ware"),
    }
    return str(known.get(name, name))


class Part(NamedTuple):
    """A component of a cost: its name, what people call it, minor units."""

    name: str
    words: str
    amount_minor: int


def costs(cost: Cost) -> list[Part]:
    """Return the components that cost something."""
    rows = [Part(name, component(name), getattr(cost, name)) for name in COMPONENTS]
    return [row for row in rows if row.amount_minor]


def difference(rival: Alternative, decision: Decision) -> str:
    """Return by what a plan lost: "1,20 € teurer, einen Tag später, 1 Stück mehr fehlt"."""
    return difference_of(
        rival.lost_by_minor - rival.cost.short + decision.cost.short,
        rival.days_later,
        rival.unfilled - sum(decision.unfilled.values()),
    )


def difference_of(dearer_minor: int, days_later: int, missing: int) -> str:
    """Return how two plans differ: cents (goods left out not counted), days, units more missing."""
    parts = []
    if dearer_minor > 0:
        parts.append(gettext("%(amount)s teurer", amount=formats.money(dearer_minor)))
    elif dearer_minor < 0:
        parts.append(gettext("%(amount)s günstiger", amount=formats.money(-dearer_minor)))
    if days_later:
        parts.append(days_apart(days_later))
    if missing > 0:
        parts.append(ngettext("%(num)s Stück fehlt", "%(num)s Stück fehlen", missing))
    return ", ".join(parts) or str(gettext("gleich teuer, gleich schnell"))


def days_apart(days: int) -> str:
    """Return a difference of days: "einen Tag später", "2 Tage früher"."""
    if days < 0:
        return str(ngettext("einen Tag früher", "%(num)s Tage früher", -days))
    return str(ngettext("einen Tag später", "%(num)s Tage später", days))


def certainty(decision: Decision) -> tuple[str, str]:
    """Return how sure the router is that nothing is cheaper: a tone, and words."""
    if decision.proved and decision.complete:
        return "ok", str(gettext("bewiesen: kein Plan ist günstiger"))
    if decision.proved:
        return "ok", str(gettext("bewiesen: kein Plan ist besser"))
    share = formats.number(round(decision.gap * 100, 1))
    return "info", str(gettext("höchstens %(share)s %% günstiger möglich", share=share))


def ruling(barred: Exclusion) -> str:
    """Return the rule or limit that kept a location out, as its manager would say it."""
    day = formats.day_and_date(barred.arrives_on) if barred.arrives_on else ""
    if barred.rule == "cut_off_passed" and barred.cut_off_at:
        hour = formats.hour(barred.cut_off_at).removesuffix(":00")
        return str(
            gettext("Abholung um %(hour)s Uhr war vorbei, käme am %(day)s", hour=hour, day=day)
        )
    if barred.rule == "capacity" and day:
        return str(gettext("ist voll, käme erst am %(day)s", day=day))
    known = {
        "no_stock": gettext("hat nichts davon frei"),
        "closed": gettext("hat geschlossen"),
        "too_late": gettext("käme erst am %(day)s", day=day),
        "carrier": gettext("kein Paketdienst von dort an diese Adresse"),
        "capacity": gettext("ist voll, nimmt keine Pakete mehr an"),
        "group": gettext("verschickt solche Ware nicht"),
        "oversize": gettext("kein Paketdienst nimmt dort so Großes oder Schweres"),
        "refused": gettext("hat abgelehnt, wird nicht noch einmal gefragt"),
    }
    return str(known.get(barred.rule, barred.rule))


@dataclass(frozen=True, slots=True)
class Stock:
    """What a location had of a line: units that were free, wanted, and that it sends.

    `free` is None where the decision does not tell: of a large network it tells the nearest.
    """

    title: str
    free: int | None
    wanted: int
    sends: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A location in a decision: what it had, what became of it, and why.

    `state`: sends, possible, barred (by a rule), short (too few) or empty.
    """

    location: str
    state: str
    stock: tuple[Stock, ...]
    words: str


def standings(decision: Decision, titles: Mapping[str, str]) -> list[Standing]:
    """Return every location that the decision speaks of: who sends first, who has nothing last.

    Args:
        decision: the router's answer.
        titles: what to call a line, by line key.
    """
    barred: dict[str, list[Exclusion]] = {}
    for exclusion in decision.exclusions:
        barred.setdefault(exclusion.location, []).append(exclusion)
    spoken_of = dict.fromkeys([*decision.locations, *decision.stock, *barred])
    rows = [_standing(decision, code, barred.get(code, []), titles) for code in spoken_of]
    order = ("sends", "possible", "barred", "short", "empty")
    return sorted(rows, key=lambda row: order.index(row.state))


def _standing(
    decision: Decision, code: str, barred: list[Exclusion], titles: Mapping[str, str]
) -> Standing:
    wanted = _wanted(decision, titles)
    told, free = code in decision.stock, decision.stock.get(code, {})
    sends: dict[str, int] = {}
    for part in decision.assignments:
        if part.location == code:
            sends[part.key] = sends.get(part.key, 0) + part.quantity
    stock = tuple(
        Stock(titles.get(key, key), free.get(key, 0) if told else None, units, sends.get(key, 0))
        for key, units in wanted.items()
        if told or key in sends
    )
    if sends:
        parcel = any(one.location == code for one in decision.parcels)
        does = gettext("schickt") if parcel else gettext("legt bereit")
        return Standing(code, "sends", stock, str(does))
    if any(one.rule == "no_stock" for one in barred) or not any(free.values()):
        return Standing(code, "empty", stock, str(gettext("hat nichts davon frei")))
    if barred and {key for one in barred for key in one.keys} >= {k for k, n in free.items() if n}:
        return Standing(code, "barred", stock, "; ".join(dict.fromkeys(map(ruling, barred))))
    rival = _best_with(decision, code)
    if rival is not None and rival.unfilled <= sum(decision.unfilled.values()):
        words = gettext("ginge: %(difference)s", difference=difference(rival, decision))
        return Standing(code, "possible", stock, str(words))
    if any((row.free or 0) < row.wanted for row in stock):
        return Standing(code, "short", stock, str(gettext("hat zu wenig")))
    # A plan that a person has chosen was compared with none: the router's may have been cheaper.
    dearer = gettext("ginge, war aber teurer") if decision.alternatives else gettext("ginge auch")
    return Standing(code, "possible", stock, str(dearer))


def _best_with(decision: Decision, code: str) -> Alternative | None:
    rivals = [one for one in decision.alternatives if code in one.locations]
    return min(rivals, key=lambda one: (one.unfilled, one.lost_by_minor), default=None)


def _wanted(decision: Decision, titles: Mapping[str, str]) -> dict[str, int]:
    """Return the units that were asked for, by line key; stored JSON has lost their order."""
    wanted: dict[str, int] = {}
    for part in decision.assignments:
        wanted[part.key] = wanted.get(part.key, 0) + part.quantity
    for key, units in decision.unfilled.items():
        wanted[key] = wanted.get(key, 0) + units
    known = {key: place for place, key in enumerate(titles)}
    return dict(sorted(wanted.items(), key=lambda item: known.get(item[0], len(known))))
