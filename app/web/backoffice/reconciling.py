"""Do balances and ledger agree? What has drifted, what was repaired, are closed months right."""

import time
from datetime import date
from itertools import groupby

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.web import words
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from catalog import products
from fulfilment import proofs
from fulfilment.answers import reconciliation
from fulfilment.places import locations
from fulfilment.stock import months, trust
from kit.database import reading, transaction
from kit.errors import Invalid, KontorError

_SHOWN = 200


@blueprint.get("/reconciliation")
@allowed
def reconciliation_page() -> str:
    """Compare all balances with their rows now; show repairs, closed months and trust."""
    with reading() as session:
        drift = proofs.drift(session)
        repairs = reconciliation.repairs(session, limit=20)
        named = products.items(session, {one.sku for one in [*drift[:_SHOWN], *repairs]})
        return render_template(
            "backoffice/reconciliation.html",
            drift=[
                (place, list(terms))
                for place, terms in groupby(drift[:_SHOWN], key=lambda one: (one.location, one.sku))
            ],
            found=len(drift),
            places=locations.by_code(session),
            named=named,
            checks=reconciliation.checks(session, limit=5),
            repairs=repairs,
            months=months.closed(session),
            trust=trust.of_locations(session),
            nobody=trust.Trust(),
        )


@blueprint.post("/reconciliation/checks")
@allowed
def reconciliation_check() -> Response:
    """Check all balances now, and keep how that came out."""
    if request.form.get("scope") != "all":
        raise Invalid("malformed")
    with transaction() as session:
        found = reconciliation.check(session, actor=current_user.name)
    if found:
        count = len(found)
        message = ngettext("%(num)s Abweichung", "%(num)s Abweichungen", count)
        flash(message, "warn")
    else:
        flash(_("Geprüft: Alle Bestände stimmen mit ihren Buchungen überein."), "ok")
    return redirect(url_for("backoffice.reconciliation_page"))


@blueprint.post("/reconciliation/repairs")
@allowed
def reconciliation_repair() -> Response:
    """Make one place agree."""
    place = (request.form.get("place", ""), request.form.get("sku", ""))
    with transaction() as session:
        products.item(session, place[1])
        repaired = reconciliation.repair(session, place, actor=current_user.name)
    if repaired.lost:
        units = sum(loss.quantity for loss in repaired.lost)
        message = _("Abgeglichen; %(count)s zugesagte Stück sind nicht gedeckt.", count=units)
        flash(message, "warn")
    else:
        flash(_("Abgeglichen."), "ok")
    return redirect(url_for("backoffice.reconciliation_page"))


@blueprint.post("/reconciliation/months/<month>/proof")
@allowed
def month_proof(month: str) -> Response:
    """Prove a closed month: the closing before it plus its movements must be its closing."""
    began = time.monotonic()
    try:
        first = date.fromisoformat(f"{month}-01")
        with reading() as session:
            gaps = months.prove(session, first)
    except ValueError:
        flash(words.of_code("stock_month"), "danger")
    except KontorError as error:
        flash(words.of_error(error), "danger")
    else:
        facts = {"month": month, "seconds": f"{time.monotonic() - began:.1f}"}
        if gaps:
            flash(
                _("%(month)s: %(count)s Konten stimmen nicht.", count=len(gaps), **facts), "danger"
            )
        else:
            flash(_("%(month)s ist bewiesen, in %(seconds)s s.", **facts), "ok")
    return redirect(url_for("backoffice.reconciliation_page"))
