"""What suggestions have earned, with how sure one can be; trials that compare two ways."""

from dataclasses import dataclass
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.identity import permissions
from app.web import words
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from catalog.crosssell import measuring
from catalog.crosssell.measuring import Arm, Place
from kit import clock
from kit.database import reading, transaction
from kit.errors import KontorError

PERIODS = (7, 30, 90, 365)
WIDTH = 640.0
"""Units of the drawing that stand for the whole scale."""


@dataclass(frozen=True)
class Bar:
    """A share with its interval, in units of the drawing."""

    place: Place
    low: float
    at: float
    high: float


@blueprint.get("/crosssell/report")
@allowed
def crosssell_report() -> str:
    """Show showings, clicks, additions and margin by source and position, and the trials."""
    typed = request.args.get("days", "30")
    days = int(typed) if typed.isdigit() and int(typed) in PERIODS else 30
    with reading() as session:
        places = measuring.places(session, clock.today() - timedelta(days=days))
        trials = [(trial, measuring.arms(session, trial.id)) for trial in measuring.trials(session)]
    top = max((place.interval[1] for place in places), default=1.0)
    return render_template(
        "backoffice/crosssell_report.html",
        places=places,
        bars=[_bar(place, top) for place in places],
        top=top,
        days=days,
        periods=PERIODS,
        unavailable=sum(place.unavailable for place in places),
        trials=[(trial, arms, _compared(arms)) for trial, arms in trials],
        running=any(trial.running for trial, _arms in trials),
        variants=[
            ("knowledge", _("nur Verknüpfungen und Regeln")),
            ("nothing", _("gar keine Vorschläge")),
        ],
        may_edit=permissions.may(current_user.role, "backoffice.crosssell_trial_start"),
    )


def _bar(place: Place, top: float) -> Bar:
    low, high = place.interval
    share = place.added / place.shown if place.shown else 0.0
    return Bar(place, WIDTH * low / top, WIDTH * share / top, WIDTH * high / top)


def _compared(arms: list[Arm]) -> tuple[float, float] | None:
    """Return by how much a basket of arm a earns more than one of arm b, and half the interval."""
    by_name = {arm.arm: arm for arm in arms}
    if set(by_name) != {"a", "b"}:
        return None
    return measuring.difference(by_name["a"], by_name["b"])


@blueprint.post("/crosssell/trials")
@allowed
def crosssell_trial_start() -> Response:
    """Start a trial."""
    share = request.form.get("share", "")
    try:
        with transaction() as session:
            measuring.start(
                session,
                request.form.get("name", "")[:200],
                request.form.get("variant", ""),
                int(share) if share.isdigit() else 0,
                current_user.name,
            )
    except KontorError as error:
        flash(words.of_error(error), "danger")
    else:
        flash(_("Der Vergleich läuft."), "ok")
    return redirect(url_for("backoffice.crosssell_report", _anchor="trials"))


@blueprint.post("/crosssell/trials/end")
@allowed
def crosssell_trial_end() -> Response:
    """End the trial that runs."""
    with transaction() as session:
        measuring.end(session)
    flash(_("Der Vergleich ist beendet. Seine Zahlen bleiben."), "ok")
    return redirect(url_for("backoffice.crosssell_report", _anchor="trials"))
