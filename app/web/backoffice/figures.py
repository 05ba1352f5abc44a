"""Figures: promises kept, splits and their cost, short picks, stock truth, sales by channel."""

from datetime import datetime, time, timedelta
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from flask_login import current_user

from app.i18n import formats
from app.web.backoffice import bars
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import figures as reckoning
from app.workflows.figures import Figures
from fulfilment.places import locations
from kit import clock
from kit.database import reading

PERIODS = (7, 28, 91, 364)
_USUAL = 28


@blueprint.get("/figures")
@allowed
def figures() -> str:
    """Show the figures of the last days, with plots and the numbers they are drawn from."""
    typed = request.args.get("days", "")
    days = int(typed) if typed in {str(one) for one in PERIODS} else _USUAL
    until = datetime.combine(clock.today() + timedelta(days=1), time(), clock.BERLIN)
    since = until - timedelta(days=days)
    with reading() as session:
        found = reckoning.of(session, since, until, clock.today())
        places = locations.by_code(session)
    own = current_user.location if current_user.role == "store_lead" else None
    return render_template(
        "backoffice/figures.html",
        found=found,
        places=places,
        own=own,
        days=days,
        periods=[
            {
                "label": _("%(days)s Tage", days=one),
                "href": f"?days={one}",
                "current": one == days,
            }
            for one in PERIODS
        ],
        since=since,
        until=until - timedelta(days=1),
        totals=_totals(found),
        promise_plot=_promise_plot(found),
        split_plot=_split_plot(found),
        sales_bars=_sales_bars(found),
    )


def _totals(found: Figures) -> dict[str, Any]:
    weeks, splits = found.promises, found.splits
    parcels = sum(week.total for week in weeks)
    plans = sum(week.whole + week.split for week in splits)
    counts = sum(one.counts for one in found.truth)
    return {
        "promise": _percent(sum(week.kept for week in weeks), parcels),
        "early": _percent(sum(week.early for week in weeks), parcels),
        "late": _percent(sum(week.late for week in weeks), parcels),
        "parcels": parcels,
        "split": _percent(sum(week.split for week in splits), plans),
        "plans": plans,
        "extra_minor": sum(week.extra_minor for week in splits),
        "short": sum(one.times for one in found.shorts),
        "truth": _percent(sum(one.true for one in found.truth), counts),
        "counts": counts,
        "channels": found.by_channel,
        "sales_minor": sum(one.total_minor for one in found.sales),
    }


def _percent(part: int, whole: int) -> str:
    """Return a share as people read it; a dash where there is nothing to share."""
    return formats.number(round(100 * part / whole, 1)) + " %" if whole else "–"


def _promise_plot(found: Figures) -> bars.Plot | None:
    return bars.columns(
        [
            (
                formats.day_short(week.week),
                (
                    ("ok", _("am zugesagten Tag"), week.kept),
                    ("info", _("früher"), week.early),
                    ("danger", _("später"), week.late),
                ),
            )
            for week in found.promises
        ]
    )


def _split_plot(found: Figures) -> bars.Plot | None:
    return bars.columns(
        [
            (
                formats.day_short(week.week),
                (
                    ("brand", _("ein Paket"), week.whole),
                    ("action", _("mehrere Pakete"), week.split),
                ),
            )
            for week in found.splits
        ]
    )


def _sales_bars(found: Figures) -> dict[str, list[bars.Piece]]:
    longest = max(
        (one.till_minor + one.collected_minor + one.sent_minor for one in found.sales), default=0
    )
    return {
        one.location: bars.bar(
            (
                ("brand", _("an der Kasse"), one.till_minor),
                ("info", _("abgeholt"), one.collected_minor),
                ("action", _("verschickt"), one.sent_minor),
            ),
            longest,
        )
        for one in found.sales
    }
