"""Sending an order otherwise than the router said: what one may choose, what that would change."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.messages import verdicts
from app.sales import orders as sales_orders
from app.sales.models import Order, OrderLine
from app.web import words
from app.web.backoffice.decisions import Leg, PlanBar, compared, legs_of, plan_bar, titles_of
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import override, override_plans
from app.workflows.override import Options
from app.workflows.override_plans import Proposal, Spread
from fulfilment.places import locations
from fulfilment.routing.decision import Decision
from kit.database import reading
from kit.errors import Invalid, KontorError, Refused

_MOST_PARTS = 400


@dataclass(frozen=True, slots=True)
class Choice:
    """A ready plan as the page offers it; `parts` is how its address spells it."""

    bar: PlanBar
    parts: list[str]
    current: bool
    router: bool


@dataclass(frozen=True, slots=True)
class HandLine:
    """A line that may be sent from elsewhere: where it is, and what is free where."""

    line: OrderLine
    units: int
    where: list[str]
    options: list[tuple[str, str]]


@blueprint.get("/orders/<ref>/override")
@allowed
def order_override(ref: str) -> str | Response:
    """Show what could be chosen: ready plans, and each line by hand."""
    with reading() as session:
        order = sales_orders.by_ref(session, ref)
        places = locations.by_code(session)
        names = {code: place.name for code, place in places.items()}
        try:
            options = override.options(session, ref)
        except Refused as error:
            return _not_any_more(ref, error)
        return render_template(
            "backoffice/override.html",
            order=order,
            places=places,
            choices=_choices(options),
            lines=_hand_lines(options, names),
        )


def _not_any_more(ref: str, error: KontorError) -> Response:
    flash(words.of_error(error), "warn")
    return redirect(url_for("backoffice.order_decisions", ref=ref))


def _choices(options: Options) -> list[Choice]:
    longest = max(plan.cost.total - plan.cost.short for plan in options.plans) or 1
    router = options.plans[0]
    found = []
    for plan in options.plans:
        spread = override_plans.spread_of(plan)
        words = "" if plan is router else compared(plan, router)
        bar = plan_bar(
            plan, longest, words, chosen=spread == override_plans.spread_now(options.units)
        )
        found.append(Choice(bar, _parts(spread), bar.chosen, plan is router))
    return found


def _hand_lines(options: Options, names: Mapping[str, str]) -> list[HandLine]:
    found = []
    for key, at in override_plans.spread_now(options.units).items():
        needed = sum(at.values())
        free = {code: n for code, n in options.free[key].items() if n > 0}
        ranked = sorted(free, key=lambda code: (free[code] < needed, -free[code], code))
        labels = [
            (code, _stock_words(names.get(code, code), free[code], needed)) for code in ranked
        ]
        where = [names.get(code, code) for code in at]
        found.append(HandLine(options.units.lines[uuid.UUID(key)], needed, where, labels))
    return found


def _stock_words(name: str, free: int, needed: int) -> str:
    if free < needed:
        return _("%(place)s: nur %(free)s frei, der Rest bleibt", place=name, free=free)
    return _("%(place)s: %(free)s frei", place=name, free=free)


def _parts(spread: Spread) -> list[str]:
    return [f"{key}:{code}:{units}" for key, at in spread.items() for code, units in at.items()]


def _spread(parts: list[str]) -> dict[str, dict[str, int]]:
    """Read units by line and location as an address spells them.

    Raises:
        Invalid: ``choice`` for what `_parts` would not write.
    """
    found: dict[str, dict[str, int]] = {}
    if len(parts) > _MOST_PARTS:
        raise Invalid("choice")
    for part in parts:
        key, _colon, rest = part.partition(":")
        code, _colon, units = rest.rpartition(":")
        if not (code and units.isascii() and units.isdigit() and len(units) < len("10000")):
            raise Invalid("choice")
        try:
            found.setdefault(str(uuid.UUID(key)), {})[code] = int(units)
        except ValueError:
            raise Invalid("choice") from None
    return found


@blueprint.get("/orders/<ref>/override/preview")
@allowed
def order_override_preview(ref: str) -> str | Response:
    """Show what a choice costs more and which days change, before anybody decides."""
    try:
        with reading() as session:
            wanted = _wanted(session, ref, request.args)
            return _preview(session, ref, wanted, kind=_kind(request.args))
    except (Refused, Invalid) as error:
        flash(words.of_error(error), "warn")
        return redirect(url_for("backoffice.order_override", ref=ref))


def _kind(form: MultiDict[str, str]) -> str:
    kind = form.get("kind", "")
    return kind if kind in override.KINDS else "plan"


def _wanted(session: Session, ref: str, form: MultiDict[str, str]) -> Spread:
    if form.get("kind") != "hand":
        return _spread(form.getlist("w"))
    prefix = "line-"
    chosen = {
        name.removeprefix(prefix): code
        for name, code in form.items()
        if name.startswith(prefix) and code
    }
    return override.by_hand(session, ref, chosen)


def _preview(
    session: Session, ref: str, wanted: Spread, *, kind: str, reason: str = "", error: str = ""
) -> str:
    order = sales_orders.by_ref(session, ref)
    lines = sales_orders.lines_of(session, order)
    proposal = override.preview(session, ref, wanted)
    titles = titles_of(lines)
    return render_template(
        "backoffice/override_preview.html",
        order=order,
        places=locations.by_code(session),
        lines={str(line.id): line for line in lines},
        proposal=proposal,
        columns=_columns(proposal, titles),
        dearer=_dearer(proposal),
        late=_late(order, proposal),
        same=proposal.now is not None and _moves_nothing(proposal),
        parts=_parts(proposal.wanted),
        kind=kind,
        reason=reason,
        error=error,
    )


def _moves_nothing(proposal: Proposal) -> bool:
    return proposal.now is not None and override_plans.spread_of(proposal.now) == proposal.wanted


@dataclass(frozen=True, slots=True)
class Column:
    """One of the plans that the preview puts side by side; no `legs` where it is impossible."""

    name: str
    legs: list[Leg]
    parcels: int
    arrives_on: date | None
    postage_minor: int
    segments: list[verdicts.Part]
    total_minor: int
    chosen: bool


def _columns(proposal: Proposal, titles: Mapping[str, str]) -> list[Column]:
    plans = [
        (_("Jetzt"), proposal.now, False),
        (_("Ihr Plan"), proposal.decision, True),
        (_("Router"), proposal.router, False),
    ]
    return [_column(name, plan, titles, mine=mine) for name, plan, mine in plans]


def _column(name: str, plan: Decision | None, titles: Mapping[str, str], *, mine: bool) -> Column:
    if plan is None:
        return Column(name, [], 0, None, 0, [], 0, chosen=mine)
    return Column(
        name=name,
        legs=legs_of(plan, titles, {}),
        parcels=len(plan.parcels),
        arrives_on=plan.arrives_on,
        postage_minor=plan.cost.parcels,
        segments=verdicts.costs(plan.cost),
        total_minor=plan.cost.total - plan.cost.short,
        chosen=mine,
    )


def _dearer(proposal: Proposal) -> list[tuple[str, int]]:
    """Return by component what the choice costs more (or less) than the router's plan."""
    more: dict[str, int] = proposal.decision.cost.minus(proposal.router.cost)
    return [(verdicts.component(name), more[name]) for name in more if more[name]]


def _late(order: Order, proposal: Proposal) -> date | None:
    """Return the last arrival where it is after the day by which the customer needs it."""
    ends = proposal.decision.arrives_on
    return ends if order.need_by_on and ends and ends > order.need_by_on else None


@blueprint.post("/orders/<ref>/override")
@allowed
def order_override_do(ref: str) -> str | Response | tuple[str, int]:
    """Send the order as chosen; show the preview again where it no longer holds."""
    form = request.form
    try:
        wanted = _spread(form.getlist("w"))
        done = override.carry_out(
            ref,
            wanted,
            seen=form.get("seen", ""),
            kind=_kind(form),
            actor=current_user.name,
            reason=form.get("reason", ""),
        )
    except (Refused, Invalid) as error:
        return _again(ref, form, error)
    flash(_("Umgestellt. Die Läden sehen es in ihrer Liste."), "ok")
    where = url_for("backoffice.order_decisions", ref=ref, _anchor=f"d-{done.decision_id}")
    return redirect(where)


def _again(
    ref: str, form: MultiDict[str, str], error: KontorError
) -> str | Response | tuple[str, int]:
    try:
        with reading() as session:
            page = _preview(
                session,
                ref,
                _spread(form.getlist("w")),
                kind=_kind(form),
                reason=form.get("reason", ""),
                error=words.of_error(error),
            )
    except (Refused, Invalid) as refusal:
        return _not_any_more(ref, refusal)
    return page, 409 if isinstance(error, Refused) else 422
