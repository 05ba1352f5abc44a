"""What stood in the way of a plan, in words: a location's rule, and why nobody sends some units."""

from collections.abc import Callable
from datetime import datetime

from flask_babel import gettext

from app.i18n import formats
from fulfilment.routing.decision import Decision, Exclusion

NAMED = 3
"""Locations with goods of which is said why they could not send them."""


def at(place: str, barred: Exclusion) -> str:
    """Return why a location could not send, as a part of a sentence that names it.

    Args:
        place: what people call the location.
        barred: the rule or limit, as the decision stores it.
    """
    day = formats.day_and_date(barred.arrives_on) if barred.arrives_on else ""
    if barred.rule == "cut_off_passed" and barred.cut_off_at:
        return str(
            gettext(
                "%(place)s packt heute nur bis %(hour)s Uhr und käme erst am %(day)s",
                place=place,
                hour=hour(barred.cut_off_at),
                day=day,
            )
        )
    if barred.rule == "capacity" and barred.arrives_on:
        return str(gettext("%(place)s ist voll und käme erst am %(day)s", place=place, day=day))
    sentences = {
        "no_stock": gettext("%(place)s hat 0 frei", place=place),
        "closed": gettext("%(place)s hat geschlossen", place=place),
        "too_late": gettext("%(place)s käme erst am %(day)s", place=place, day=day),
        "carrier": gettext("von %(place)s fährt niemand dorthin", place=place),
        "capacity": gettext("%(place)s ist voll", place=place),
        "group": gettext("%(place)s verschickt solche Ware nicht", place=place),
        "oversize": gettext("von %(place)s geht nichts so Großes oder Schweres", place=place),
        "refused": gettext("%(place)s hat abgelehnt", place=place),
    }
    return str(sentences.get(barred.rule, f"{place}: {barred.rule}"))


def left_out(
    decision: Decision, key: str, units: int, title: str, name: Callable[[str], str]
) -> str:
    """Return that nobody sends some units of a line, and why.

    Args:
        decision: leaves them out.
        key: of the line.
        units: how many of it.
        title: what people call the goods.
        name: returns what people call a location, by its code.
    """
    goods = f"{units} × {title}"
    barred = {one.location: one for one in decision.exclusions if key in one.keys}
    free = {code: have[key] for code, have in decision.stock.items() if have.get(key)}
    # Of a large network the nearest are told; a rule is about goods that were there.
    reasons = [
        at(name(code), one)
        for code, one in barred.items()
        if one.rule != "no_stock" and (code in free or code not in decision.stock)
    ]
    sent = sum(part.quantity for part in decision.assignments if part.key == key)
    open_units = sum(there for code, there in free.items() if code not in barred)
    if open_units > sent:
        reasons.insert(0, str(gettext("mehr Pakete oder Kosten lassen die Regeln nicht zu")))
    if reasons:
        why = ", ".join(reasons[:NAMED])
        return _ended(str(gettext("%(goods)s schickt niemand: %(why)s", goods=goods, why=why)))
    if sent:
        return str(gettext("%(goods)s hat niemand mehr frei.", goods=goods))
    return str(gettext("%(goods)s hat niemand frei.", goods=goods))


def missed(decision: Decision) -> str | None:
    """Return that what is sent comes after the day by which it was needed; None where it does not.

    Late is planned only where being late has a price (`need_by_late_minor` of the rules).
    """
    wanted, last = decision.need_by_on, decision.arrives_on
    if wanted is None or last is None or last <= wanted:
        return None
    said = gettext(
        "Gebraucht wird es bis %(wanted)s; das Letzte kommt am %(last)s",
        wanted=formats.day_and_date(wanted),
        last=formats.day_and_date(last),
    )
    return _ended(str(said))


def hour(at_: datetime) -> str:
    """Return the time of a cut-off as people say it: "16", "16:30"."""
    return formats.hour(at_).removesuffix(":00")


def _ended(sentence: str) -> str:
    """Return a sentence with one full stop; German dates bring theirs."""
    return sentence if sentence.endswith(".") else f"{sentence}."
