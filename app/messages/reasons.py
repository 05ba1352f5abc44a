"""A routing decision in words: what a store manager or the back office reads.

1. One sentence per location of the plan: what it sends, why not another one, price and day.
2. That the day is missed by which it was needed, and what nobody sends, with the reason.
3. The best plans that lost, and by what.
4. Whether the plan is proved to be the cheapest.

All facts come from the stored decision; nothing is looked up, so that the reason of last month's
order reads as it was.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask_babel import gettext, ngettext

from app.i18n import formats
from app.messages import obstacles, verdicts
from fulfilment.routing.decision import Alternative, Assignment, Decision, Exclusion

NAMED = 3
"""Goods of a location that are named one by one; more are counted."""
REASONS = 3
"""Other locations of which is said why not; more are counted."""
SHOWN = 2
"""Plans that lost which are told."""


def explain(
    decision: Decision | Mapping[str, Any],
    locations: Mapping[str, str],
    titles: Mapping[str, str] | None = None,
) -> list[str]:
    """Return the reasons of a decision as sentences in the reader's language.

    Args:
        decision: the router's answer, or its stored JSON.
        locations: display name by location code; a code without a name stands for itself.
        titles: what to call a line, by line key; its SKU where missing.
    """
    if not isinstance(decision, Decision):
        decision = Decision.from_json(decision)
    words = _Words(decision, locations, titles or {})
    return [
        *words.plan(),
        *words.late(),
        *words.unfilled(),
        *words.losers(),
        words.certainty(),
    ]


class Told(NamedTuple):
    """The sentences of a decision that say what is sent, and what nobody can send."""

    plan: list[str]
    unfilled: list[str]


def parts(
    decision: Decision, locations: Mapping[str, str], titles: Mapping[str, str] | None = None
) -> Told:
    """Return what a decision chose in words, for a page that draws the rest. Args as `explain`."""
    words = _Words(decision, locations, titles or {})
    return Told([*words.plan(), *words.late()], words.unfilled())


class _Words:
    def __init__(
        self, decision: Decision, locations: Mapping[str, str], titles: Mapping[str, str]
    ) -> None:
        self.decision = decision
        self.locations = locations
        self.titles = titles
        self.skus = {part.key: part.sku for part in decision.assignments}

    def name(self, code: str) -> str:
        return self.locations.get(code, code)

    def goods(self, parts: Sequence[Assignment]) -> str:
        """Return what a location sends: named, or counted where it is much."""
        if len(parts) > NAMED:
            return str(ngettext("%(num)s Artikel", "%(num)s Artikel", len(parts)))
        return ", ".join(
            f"{part.quantity} × {self.titles.get(part.key, part.sku)}" for part in parts
        )

    def plan(self) -> list[str]:
        """Return a sentence per location: the one that sends most first, then in usual order."""
        by_place: dict[str, list[Assignment]] = {}
        for part in self.decision.assignments:
            by_place.setdefault(part.location, []).append(part)
        # A large network is told in part: who sends may be none of those that are nearest.
        usual = {code: place for place, code in enumerate(self.decision.stock)}
        order = sorted(
            by_place, key=lambda code: (-len(by_place[code]), usual.get(code, len(usual)))
        )
        whole = len(order) == 1 and self.decision.complete
        return [
            self._sentence(code, by_place[code], whole=whole, after=order[:rank])
            for rank, code in enumerate(order)
        ]

    def _sentence(
        self, code: str, parts: Sequence[Assignment], *, whole: bool, after: Sequence[str]
    ) -> str:
        opening = gettext(
            "%(goods)s aus %(place)s",
            goods=gettext("Alles")
            if whole and self._goes_without_saying(code, parts)
            else self.goods(parts),
            place=self.name(code),
        )
        arrives = self._arrival(code, parts, after)
        why = self._why_not_elsewhere(code, parts)
        if why:
            return f"{opening}: {', '.join(why)}; {arrives}."
        return f"{opening}: {arrives}."

    def _goes_without_saying(self, code: str, parts: Sequence[Assignment]) -> bool:
        # A whole order from its usual place is "everything"; what came from elsewhere has a name.
        return code == self._network()[0] or len(parts) > NAMED

    def _arrival(self, code: str, parts: Sequence[Assignment], after: Sequence[str]) -> str:
        arrives_on = max(part.arrives_on for part in parts)
        day = formats.day_and_date(arrives_on)
        parcels = [parcel for parcel in self.decision.parcels if parcel.location == code]
        if not parcels:
            return str(gettext("liegt dort am %(day)s bereit", day=day))
        price = formats.money(sum(parcel.cost_minor for parcel in parcels))
        if after and arrives_on > self._last_of(after):
            return str(
                ngettext(
                    "ein weiteres Paket für %(price)s, am %(day)s da",
                    "%(num)s weitere Pakete für %(price)s, am %(day)s da",
                    len(parcels),
                    price=price,
                    day=day,
                )
            )
        if after:
            return str(
                ngettext(
                    "ein weiteres Paket kostet %(price)s, dafür am %(day)s da",
                    "%(num)s weitere Pakete kosten %(price)s, dafür am %(day)s da",
                    len(parcels),
                    price=price,
                    day=day,
                )
            )
        return str(
            ngettext(
                "ein Paket für %(price)s, am %(day)s da",
                "%(num)s Pakete für %(price)s, am %(day)s da",
                len(parcels),
                price=price,
                day=day,
            )
        )

    def _last_of(self, codes: Sequence[str]) -> date:
        """Return when the last parcel of some locations is there."""
        return max(part.arrives_on for part in self.decision.assignments if part.location in codes)

    def _why_not_elsewhere(self, code: str, parts: Sequence[Assignment]) -> list[str]:
        """Return for each other location what it lacks for these goods; nothing where it could.

        That the first location, usually the warehouse, sends what it has needs no reason.
        """
        reasons: list[tuple[bool, str]] = []
        network = self._network()
        if code == network[0]:
            return []
        for other in network:
            if other == code:
                continue
            barred = self._barred(other, parts)
            nothing = not any(self.decision.stock.get(other, {}).get(p.key) for p in parts)
            if barred is not None:
                reasons.append((nothing, obstacles.at(self.name(other), barred)))
            elif other in self.decision.stock and (lacking := self._lacking(other, parts)):
                reasons.append((nothing, lacking))
            elif beaten := self._beaten(other, code):
                reasons.append((nothing, beaten))
        if len(reasons) <= REASONS + 1:
            return [words for _nothing, words in reasons]
        # Those that had something are worth a word; the rest of a large network is counted.
        kept = [words for _nothing, words in sorted(reasons, key=lambda one: one[0])[:REASONS]]
        rest = len(reasons) - REASONS
        more = ngettext("%(num)s weiterer auch nicht", "%(num)s weitere auch nicht", rest)
        return [*kept, str(more)]

    def _beaten(self, other: str, code: str) -> str | None:
        """Return that a location with enough would have been later, in the place of this one."""
        wanted = {other if place == code else place for place in self.decision.locations}
        rival = next((a for a in self.decision.alternatives if set(a.locations) == wanted), None)
        if rival is None or rival.days_later <= 0 or other in self.decision.locations:
            return None
        place, later = self.name(other), verdicts.days_apart(rival.days_later)
        passed = self.decision.cut_offs_passed.get(other)
        if passed is None:
            return str(gettext("%(place)s käme %(later)s", place=place, later=later))
        return str(
            gettext(
                "%(place)s packt heute nur bis %(hour)s Uhr und käme %(later)s",
                place=place,
                hour=obstacles.hour(passed),
                later=later,
            )
        )

    def _network(self) -> list[str]:
        """Return every location that the decision speaks of, in the retailer's order.

        A location without any of the goods stands among the exclusions only.
        """
        spoken_of = {*self.decision.stock, *(found.location for found in self.decision.exclusions)}
        usual = [*self.locations, *self.decision.stock]
        return [code for code in dict.fromkeys(usual) if code in spoken_of]

    def _barred(self, code: str, parts: Sequence[Assignment]) -> Exclusion | None:
        keys = {part.key for part in parts}
        for exclusion in self.decision.exclusions:
            if exclusion.location == code and keys & set(exclusion.keys):
                return exclusion
        return None

    def _lacking(self, code: str, parts: Sequence[Assignment]) -> str | None:
        """Return what a location has too few of; None when it has enough of all."""
        free = self.decision.stock[code]
        short = [part for part in parts if free.get(part.key, 0) < part.quantity]
        if not short:
            return None
        place = self.name(code)
        most = max(free.get(part.key, 0) for part in short)
        if most == 0:
            return str(gettext("%(place)s hat 0 frei", place=place))
        passed = self.decision.cut_offs_passed.get(code)
        if passed is not None:
            return str(
                gettext(
                    "%(place)s hat nur %(units)s frei und packt heute nur bis %(hour)s Uhr",
                    place=place,
                    units=most,
                    hour=obstacles.hour(passed),
                )
            )
        return str(gettext("%(place)s hat nur %(units)s frei", place=place, units=most))

    def late(self) -> list[str]:
        """Return that the customer's own day is missed, where it is."""
        said = obstacles.missed(self.decision)
        return [said] if said else []

    def unfilled(self) -> list[str]:
        """Return what no location sends, each line with its reason."""
        return [
            obstacles.left_out(
                self.decision, key, units, self.titles.get(key, self.skus.get(key, key)), self.name
            )
            for key, units in self.decision.unfilled.items()
        ]

    def losers(self) -> list[str]:
        """Return the best other plans that send as much, and what they cost more."""
        missing = sum(self.decision.unfilled.values())
        rivals = [a for a in self.decision.alternatives if a.unfilled <= missing]
        return [self._loser(rival) for rival in rivals[:SHOWN]]

    def _loser(self, rival: Alternative) -> str:
        places = " + ".join(self.name(code) for code in rival.locations)
        dearer = formats.money(rival.lost_by_minor)
        cause = verdicts.component(rival.because)
        if rival.days_later > 0:
            return str(
                ngettext(
                    "%(places)s: einen Tag später und %(dearer)s ungünstiger (%(cause)s).",
                    "%(places)s: %(num)s Tage später und %(dearer)s ungünstiger (%(cause)s).",
                    rival.days_later,
                    places=places,
                    dearer=dearer,
                    cause=cause,
                )
            )
        return str(
            gettext(
                "%(places)s: %(dearer)s ungünstiger (%(cause)s).",
                places=places,
                dearer=dearer,
                cause=cause,
            )
        )

    def certainty(self) -> str:
        """Return whether the plan is proved."""
        if self.decision.proved and self.decision.complete:
            return str(gettext("Kein Plan ist günstiger: bewiesen."))
        if self.decision.proved:
            return str(gettext("Kein Plan ist besser: bewiesen."))
        share = formats.number(round(self.decision.gap * 100, 1))
        return str(
            gettext(
                "Unter so vielen Möglichkeiten nicht bewiesen: ein anderer Plan könnte höchstens"
                " %(share)s %% günstiger sein.",
                share=share,
            )
        )
