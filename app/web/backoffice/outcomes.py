"""What orders would have cost under other rules, as a page shows it: bars, a table, the orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from app.i18n.formats import money, number
from app.messages import verdicts
from app.web.backoffice.decisions import Segment, segments
from fulfilment.routing.decision import Cost
from fulfilment.whatif.results import OrderChange, Result, Side

SHOWN = 30
"""Orders that a page lists; those that change most."""


@dataclass(frozen=True, slots=True)
class CostBar:
    """One of the three sums as a bar; what goods left out would cost is not in it."""

    name: str
    total_minor: int
    segments: list[Segment]


@dataclass(frozen=True, slots=True)
class Row:
    """A figure then and now; `better` is -1 (worse), 0 or 1."""

    name: str
    then: str
    now: str
    difference: str
    better: int


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """What a location sent and would send; shares are in per cent of the busiest one."""

    name: str
    units_then: int
    units_now: int
    parcels_then: int
    parcels_now: int
    share_then: float
    share_now: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result as a page shows it. `saved_minor` is below 0 where it gets dearer."""

    result: Result
    saved_minor: int
    headline: str
    reasons: list[str]
    bars: list[CostBar]
    key: list[verdicts.Part]
    rows: list[Row]
    places: list[PlaceRow]
    changes: Sequence[OrderChange]


def outcome(result: Result, names: Mapping[str, str]) -> Outcome:
    """Return a result as a page shows it.

    Args:
        result: what a replay found.
        names: display name of a location by its code.
    """
    then, same, now = result.then, result.repriced, result.replayed
    saved = _spent(then) - _spent(now)
    bars = _bars(result)
    used = {segment.name for bar in bars for segment in bar.segments}
    return Outcome(
        result=result,
        saved_minor=saved,
        headline=_headline(result, saved),
        # Where a plan of then is impossible now, prices and plans cannot be told apart.
        reasons=[]
        if result.forced
        else _reasons(_spent(same) - _spent(then), _spent(now) - _spent(same)),
        bars=bars,
        key=[
            verdicts.Part(name, verdicts.component(name), 0)
            for name in verdicts.COMPONENTS
            if name in used
        ],
        rows=_rows(result),
        places=_places(then, now, names),
        changes=result.changes[:SHOWN],
    )


def _spent(side: Side) -> int:
    return side.cost.total - side.cost.short


def _headline(result: Result, saved: int) -> str:
    orders = ngettext("%(num)s Bestellung", "%(num)s Bestellungen", result.orders)
    share = 100 * abs(saved) / max(1, _spent(result.then))
    facts = {"orders": orders, "amount": money(abs(saved)), "share": number(round(share, 1))}
    if saved > 0:
        return _("%(orders)s: %(amount)s günstiger (%(share)s %%)", **facts)
    if saved < 0:
        return _("%(orders)s: %(amount)s teurer (%(share)s %%)", **facts)
    return _("%(orders)s: gleich teuer", orders=orders)


def _reasons(prices: int, plans: int) -> list[str]:
    found = []
    if prices:
        found.append(_("Andere Preise für dieselben Pläne: %(amount)s", amount=signed(prices)))
    if plans:
        found.append(_("Andere Pläne: %(amount)s", amount=signed(plans)))
    return found


def signed(minor: int) -> str:
    """Return an amount with its sign: "+1,20 €", "−1,20 €"."""
    return f"{'+' if minor > 0 else '−' if minor else '±'}{money(abs(minor))}"


def _bars(result: Result) -> list[CostBar]:
    sides = [
        (_("damals"), result.then),
        (_("damals, zu neuen Preisen"), result.repriced),
        (_("neu entschieden"), result.replayed),
    ]
    longest = max(_spent(side) for _name, side in sides) or 1
    return [CostBar(name, _spent(side), segments(side.cost, longest)) for name, side in sides]


def _rows(result: Result) -> list[Row]:
    then, now, orders = result.then, result.replayed, max(1, result.orders)
    rows = [_cost_row(name, then.cost, now.cost) for name in verdicts.COMPONENTS[:-1]]
    rows = [row for row in rows if row is not None]
    rows.append(_money_row(_("Kosten zusammen"), _spent(then), _spent(now)))
    per_order = round(_spent(then) / orders), round(_spent(now) / orders)
    rows.append(_money_row(_("Kosten je Bestellung"), *per_order))
    rows.append(_count_row(_("Pakete"), then.parcels, now.parcels))
    rows.append(_count_row(_("geteilte Bestellungen"), then.split_orders, now.split_orders))
    rows.append(_count_row(_("späte Tage"), then.late_days, now.late_days))
    rows.append(_days_row(then.days / orders, now.days / orders))
    rows.append(_count_row(_("fehlende Stück"), then.unfilled, now.unfilled))
    return rows


def _cost_row(name: str, then: Cost, now: Cost) -> Row | None:
    before, after = getattr(then, name), getattr(now, name)
    return _money_row(verdicts.component(name), before, after) if before or after else None


def _money_row(name: str, then: int, now: int) -> Row:
    change = signed(now - then) if now != then else ""
    return Row(name, money(then), money(now), change, _sign(then - now))


def _count_row(name: str, then: int, now: int) -> Row:
    change = f"{'+' if now > then else '−'}{abs(now - then)}" if now != then else ""
    return Row(name, str(then), str(now), change, _sign(then - now))


def _days_row(then: float, now: float) -> Row:
    before, after = round(then, 2), round(now, 2)
    gap = round(abs(after - before), 2)
    change = f"{'+' if after > before else '−'}{number(gap)}" if gap else ""
    words = number(before), number(after)
    return Row(_("Tage, bis alles da ist"), *words, change, _sign(before - after))


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _places(then: Side, now: Side, names: Mapping[str, str]) -> list[PlaceRow]:
    codes = dict.fromkeys([*names, *then.places, *now.places])
    found = []
    busiest = max((p.units for side in (then, now) for p in side.places.values()), default=1) or 1
    for code in codes:
        before, after = then.places.get(code), now.places.get(code)
        if before is None and after is None:
            continue
        units_then, units_now = (side.units if side else 0 for side in (before, after))
        found.append(
            PlaceRow(
                name=names.get(code, code),
                units_then=units_then,
                units_now=units_now,
                parcels_then=before.parcels if before else 0,
                parcels_now=after.parcels if after else 0,
                share_then=round(100 * units_then / busiest, 2),
                share_now=round(100 * units_now / busiest, 2),
            )
        )
    return sorted(found, key=lambda row: -max(row.units_then, row.units_now))
