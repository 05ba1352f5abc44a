"""Promises at risk: what comes later than was said, what nobody sends, who has not answered yet."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.i18n import formats
from app.identity import permissions
from app.sales import collect_questions, exceptions
from app.sales.models import CollectQuestion, Order, OrderLine, PromiseException
from app.web import words
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import collect_answers, exceptional
from fulfilment.outbound import refusals
from fulfilment.places import locations
from kit import clock
from kit.database import reading
from kit.errors import Invalid, Refused

_WINDOW = timedelta(days=90)


@blueprint.get("/promises")
@allowed
def promises() -> str:
    """Show broken promises and unanswered questions, the most urgent first."""
    with reading() as session:
        broken, asked = exceptions.waiting(session), collect_questions.waiting(session)
        refs = {row.order_ref for row in (*broken, *asked)}
        found = {
            order.ref: order for order in session.scalars(select(Order).where(Order.ref.in_(refs)))
        }
        lines = _lines(session, found.values())
        return render_template(
            "backoffice/promises.html",
            broken=[_broken(row, found[row.order_ref], lines) for row in broken],
            asked=[_asked(row, found[row.order_ref]) for row in asked],
            places=locations.by_code(session),
            refused=_refused(session),
            may_decide=permissions.may(current_user.role, "backoffice.promise_decide"),
            now=clock.now(),
        )


def _lines(session: Session, found: Any) -> dict[Any, OrderLine]:
    ids = [order.id for order in found]
    rows = session.scalars(select(OrderLine).where(OrderLine.order_id.in_(ids)))
    return {line.id: line for line in rows}


def _broken(row: PromiseException, order: Order, lines: Mapping[Any, OrderLine]) -> dict[str, Any]:
    own = {line.id: line for line in lines.values() if line.order_id == order.id}
    back = exceptional.late_minor(order, own, row)
    return {"row": row, "order": order, "refund_minor": back}


def _asked(row: CollectQuestion, order: Order) -> dict[str, Any]:
    return {"row": row, "order": order, "can": row.facts["options"]}


def _refused(session: Session) -> list[tuple[str, refusals.Share]]:
    shares = refusals.shares(session, clock.now() - _WINDOW)
    return sorted(
        ((code, share) for code, share in shares.items() if share.refused),
        key=lambda one: -one[1].refused / one[1].asked,
    )


@blueprint.post("/promises/<ref>")
@allowed
def promise_decide(ref: str) -> Response:
    """Note what the customer has decided on the phone, or what somebody here does about it."""
    choice, name = request.form.get("choice", ""), current_user.name
    try:
        flash(_decided(ref, request.form.get("about", ""), choice, name), "ok")
    except (Invalid, Refused) as error:
        if error.code == "option_gone":
            collect_answers.refresh(ref)
        flash(words.of_error(error), "danger")
    return redirect(url_for("backoffice.promises"))


def _decided(ref: str, about: str, choice: str, name: str) -> str:
    if about == "collect":
        collect_answers.answer(ref, choice, by=name)
        return str(_("%(ref)s: so wird es gemacht.", ref=ref))
    if choice == "again":
        exceptional.ask_again(ref, actor=name)
        return str(_("%(ref)s liegt dort wieder in der Liste.", ref=ref))
    if choice == "solved":
        exceptional.solve_by_hand(ref, actor=name)
        return str(_("%(ref)s: notiert.", ref=ref))
    back = exceptional.choose(ref, choice, by=name)
    if back:
        amount = formats.money(back)
        return str(_("%(ref)s: storniert, %(amount)s gehen zurück.", ref=ref, amount=amount))
    return str(_("%(ref)s: der Kunde wartet.", ref=ref))
