"""After the sale: withdrawals that somebody has to see to, and goods that come back."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.aftersales import returns, withdrawals
from app.aftersales.models import Withdrawal
from app.i18n import formats
from app.identity import staff
from app.invoicing import issued, papers
from app.sales import orders
from app.web import words
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import bring_back, cancel_order, withdraw
from app.workflows.return_order import DISPOSITIONS
from fulfilment.outbound import shipments
from fulfilment.places import locations
from kit import clock
from kit.database import reading, transaction
from kit.errors import KontorError, NotFound


@blueprint.get("/withdrawals")
@allowed
def withdrawal_list() -> str:
    """List the withdrawals that are to be seen to, oldest first, then those that were."""
    with reading() as session:
        waiting = [_row(session, row) for row in withdrawals.listed(session)]
        done = [_row(session, row) for row in withdrawals.listed(session, done=True, limit=30)]
    return render_template(
        "backoffice/withdrawals.html", waiting=waiting, done=done, today=clock.today()
    )


def _row(session: Session, row: Withdrawal) -> dict[str, Any]:
    delivered = (
        [view.delivered_at for view in shipments.for_order(session, row.order_ref)]
        if row.order_ref
        else []
    )
    ends_on = withdrawals.ends_on(delivered)
    return {
        "row": row,
        "ends_on": ends_on,
        "late": ends_on is not None and clock.berlin(row.received_at).date() > ends_on,
        "refund_due_on": withdrawals.refund_due_on(row.received_at),
    }


@blueprint.get("/withdrawals/<number>")
@allowed
def withdrawal(number: str) -> str:
    """Show one withdrawal word for word, what was done, and what can be done now."""
    with reading() as session:
        row = withdrawals.by_number(session, number)
        order = orders.by_ref(session, row.order_ref) if row.order_ref else None
        can = cancel_order.cancellable(session, order) if order else {}
        requests = returns.of_order(session, order.ref) if order else []
        steps = withdrawals.steps(session, number)
        return render_template(
            "backoffice/withdrawal.html",
            one=_row(session, row),
            order=order,
            can_units=sum(can.values()),
            requests=requests,
            steps=steps,
            done=any(step.step == "done" for step in steps),
        )


@blueprint.post("/withdrawals/<number>/stop")
@allowed
def withdrawal_stop(number: str) -> Response:
    """Cancel and refund what is withdrawn from and nobody picks yet."""
    try:
        with transaction() as session:
            row = withdrawals.by_number(session, number)
            if row.order_ref is None:
                raise NotFound("order")
            order = orders.by_ref(session, row.order_ref, lock=True)
            back = withdraw.stop(session, order, row, actor=current_user.name)
    except KontorError as error:
        flash(words.of_error(error), "danger")
    else:
        flash(_("%(amount)s gehen zurück.", amount=formats.money(back)), "ok" if back else "warn")
    return redirect(url_for("backoffice.withdrawal", number=number))


@blueprint.post("/withdrawals/<number>/steps")
@allowed
def withdrawal_step(number: str) -> Response:
    """Note what was done: asked back, goods are here, done with."""
    try:
        with transaction() as session:
            withdrawals.by_number(session, number)
            withdrawals.note(
                session,
                number,
                request.form.get("step", ""),
                request.form.get("note", "").strip()[:1000],
                current_user.name,
            )
    except KontorError as error:
        flash(words.of_error(error), "danger")
    return redirect(url_for("backoffice.withdrawal", number=number))


@blueprint.get("/returns")
@allowed
def returns_list() -> str:
    """List what customers have said they bring back; find one by the code on its slip."""
    wanted = request.args.get("q", "").strip()
    with reading() as session:
        listed = returns.open_requests(session)
        if wanted:
            listed = [one for one in listed if wanted.upper() in {one.ref, one.order_ref}]
        lines = {one.ref: sum(p.quantity for p in returns.lines_of(session, one)) for one in listed}
    return render_template("backoffice/returns.html", listed=listed, units=lines, q=wanted)


@blueprint.get("/returns/<ref>")
@allowed
def returns_one(ref: str) -> str:
    """Show an announced return and the form that takes it in."""
    with reading() as session:
        announced = returns.by_ref(session, ref)
        order = orders.by_ref(session, announced.order_ref)
        lines = {line.id: line for line in orders.lines_of(session, order)}
        parts = [(lines[part.line_id], part) for part in returns.lines_of(session, announced)]
        places = locations.by_code(session)
    return render_template(
        "backoffice/returns_one.html",
        announced=announced,
        order=order,
        parts=parts,
        places=_places(places),
        dispositions=list(DISPOSITIONS),
    )


def _places(places: dict[str, Any]) -> list[tuple[str, str]]:
    if current_user.role in staff.AT_ONE_PLACE:
        return [(current_user.location, places[current_user.location].name)]
    return [(code, place.name) for code, place in places.items()]


@blueprint.post("/returns/<ref>")
@allowed
def returns_receive(ref: str) -> Response:
    """Take in what has come; the money goes back at once."""
    with reading() as session:
        announced = returns.by_ref(session, ref)
        parts = returns.lines_of(session, announced)
        known = [code for code, _name in _places(locations.by_code(session))]
    location = request.form.get("location", "")
    if location not in known:
        raise NotFound("location")
    came: dict[uuid.UUID, tuple[int, str]] = {}
    for part in parts:
        typed = request.form.get(f"units-{part.line_id}", "0")
        units = int(typed) if typed.isdigit() else 0
        came[part.line_id] = (
            min(units, part.quantity),
            request.form.get(f"disposition-{part.line_id}", "shelf"),
        )
    try:
        back = bring_back.receive(ref, came, location=location, actor=current_user.name)
    except KontorError as error:
        flash(words.of_error(error), "danger")
        return redirect(url_for("backoffice.returns_one", ref=ref))
    flash(_("Zurückgenommen. %(amount)s gehen zurück.", amount=formats.money(back)), "ok")
    return redirect(url_for("backoffice.returns_list"))


@blueprint.get("/invoices/<number>.pdf")
@allowed
def invoice(number: str) -> Response:
    """Print an invoice again, as it was issued."""
    with reading() as session:
        paper = issued.by_number(session, number)
    answer = Response(papers.pdf(paper), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{paper.number}.pdf"'
    return answer
