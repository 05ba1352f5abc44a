"""The shop is closed for a while: its pages say so, and until when; everything else works on.

The switch is a file in the data folder, so that it can be turned while the database is away, and
every process sees it at once. Only the rooms of shoppers are closed: webhooks, tills, floor and
back office answer as always, and so do files. A contract can be withdrawn from all the same
(section 356a BGB: at any time), and who is behind the shop can be read (section 5 DDG).
"""

import os
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_babel import gettext

from app.i18n import formats

CLOSED = frozenset({"storefront", "community"})
OPEN = frozenset(
    {
        "storefront.withdraw", "storefront.withdraw_check", "storefront.withdrawn",
        "storefront.legal", "storefront.legal_paper",
    }
)  # fmt: skip
FILE = "maintenance"
_SOON_SECONDS = 600
_LEAST_SECONDS = 60


def init(app: Flask) -> None:
    """Look at the switch before everything else. Wired first: the database may be away."""
    app.before_request(_closed)


def switch(data: Path) -> Path:
    """Return the file that closes the shop while it is there; it may hold an instant (ISO 8601)."""
    return data / FILE


def _closed() -> Response | None:
    if request.blueprint not in CLOSED or request.endpoint in OPEN:
        return None
    file = switch(current_app.config["KONTOR"].data)
    if not os.path.exists(file):  # noqa: PTH110 - a path's own question takes three times as long
        return None
    try:
        said = file.read_text("utf-8").strip()
    except OSError:
        return None
    until = _instant(said)
    # Real time: nobody moves the clock of a browser that is to come again.
    left = (until - datetime.now(UTC)).total_seconds() if until else _SOON_SECONDS
    title = gettext("Wir sind gleich wieder da")
    text = (
        gettext("Voraussichtlich um %(hour)s Uhr.", hour=formats.oclock(until))
        if until and left > 0
        else gettext("Es dauert nur noch ein paar Minuten.")
    )
    answer = make_response(
        render_template("errors/page.html", status=503, title=title, code="closed", text=text), 503
    )
    answer.headers["Retry-After"] = str(max(_LEAST_SECONDS, round(left)))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _instant(said: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    return found if found.tzinfo else None
