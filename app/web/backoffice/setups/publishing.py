"""The draft: what it changes and what that does to the last orders; publishing; old versions."""

from datetime import timedelta

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.web import words
from app.web.backoffice.outcomes import Outcome, outcome
from app.web.backoffice.room import blueprint
from app.web.backoffice.setups import drafting, wording
from app.web.backoffice.setups.drafting import Here
from app.web.session import allowed
from fulfilment import rules
from fulfilment.rules import Setup
from fulfilment.whatif import replaying
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, KontorError, Refused

TRIED = 50
"""Decisions of late that the preview makes again under the draft."""


@blueprint.get("/setup/draft")
@allowed
def setup_draft() -> str:
    """Show what the draft changes, in words and on the last orders."""
    with reading() as session:
        return _page(session)


def _page(session: Session, reason: str = "", error: str = "") -> str:
    now = drafting.here(session)
    known = {(one.path, one.code) for one in rules.hints(now.in_force)}
    hints = [one for one in rules.hints(now.setup) if (one.path, one.code) not in known]
    return drafting.show(
        "draft",
        now,
        outcome=_effect(session, now) if now.banner.changes else None,
        hints=[(_owner(now, one.path), wording.fault(one)) for one in hints],
        reason=reason,
        error=error,
    )


def _owner(now: Here, path: str) -> str:
    kind, _dot, rest = path.partition(".")
    return _("Regeln") if kind == "rules" else now.names.get(rest.partition(".")[0], rest)


def _effect(session: Session, now: Here) -> Outcome | None:
    """The last orders, decided under the draft; None where there are none."""
    since = replaying.since_newest(session, TRIED)
    if since is None:
        return None
    found = replaying.replay(session, since, clock.now() + timedelta(microseconds=1), now.setup)
    return outcome(found, now.names) if found.orders else None


@blueprint.post("/setup/publication")
@allowed
def setup_publish() -> Response | tuple[str, int]:
    """Put the draft in force."""
    reason = request.form.get("reason", "")
    try:
        with transaction() as session:
            version = rules.publish(session, current_user.name, reason, _version())
    except (Refused, Invalid) as error:
        with reading() as session:
            return _page(session, reason, _words(error)), _status(error)
    flash(_("Version %(number)s gilt ab jetzt.", number=version.number), "ok")
    return redirect(url_for("backoffice.setup_version", number=version.number))


def _status(error: KontorError) -> int:
    return 409 if isinstance(error, Refused) else 422


def _version() -> int:
    typed = request.form.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < len("1000000") else -1


def _words(error: KontorError) -> str:
    if error.code == "setup_invalid":
        first = error.facts["faults"][0]
        facts = {name: value for name, value in first.items() if name not in {"path", "code"}}
        return wording.fault(rules.Fault(first["path"], first["code"], facts))
    return words.of_error(error)


@blueprint.post("/setup/discard")
@allowed
def setup_discard() -> Response:
    """Throw the draft away."""
    try:
        with transaction() as session:
            rules.discard_draft(session, current_user.name, _version())
    except Refused as error:
        flash(words.of_error(error), "danger")
        return redirect(url_for("backoffice.setup_draft"))
    flash(_("Der Entwurf ist verworfen. Es gilt, was vorher galt."), "ok")
    return redirect(url_for("backoffice.setup"))


@blueprint.get("/setup/versions")
@allowed
def setup_versions() -> str:
    """Show who put what in force, when and why."""
    with reading() as session:
        return drafting.show("versions", drafting.here(session), versions=rules.versions(session))


@blueprint.get("/setup/versions/<int:number>")
@allowed
def setup_version(number: int) -> str:
    """Show one version: what it changed, and what is different today."""
    with reading() as session:
        now = drafting.here(session)
        found, setup = rules.version(session, number)
        return drafting.show(
            "version",
            now,
            version=found,
            newest=rules.newest(session),
            since=rules.differences(setup, now.in_force),
            old_names=drafting.names_of(session, now.setup, setup),
        )


@blueprint.post("/setup/versions/<int:number>/restoration")
@allowed
def setup_restore(number: int) -> Response:
    """Make an old version the draft; nothing is in force yet."""
    try:
        with transaction() as session:
            draft = rules.restore(session, current_user.name, number, _version())
            changes = _differs(session, draft.setup)
    except (Refused, Invalid) as error:
        flash(_words(error), "danger")
        return redirect(url_for("backoffice.setup_version", number=number))
    flash(
        ngettext(
            "Version %(number)s ist jetzt der Entwurf: eine Änderung.",
            "Version %(number)s ist jetzt der Entwurf: %(num)s Änderungen.",
            changes,
            number=number,
        ),
        "ok",
    )
    return redirect(url_for("backoffice.setup_draft"))


def _differs(session: Session, setup: Setup) -> int:
    return len(rules.differences(rules.read(session), setup))
