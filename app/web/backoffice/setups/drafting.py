"""What every page of the setup shares: the draft, its banner, and saving one part of it."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.identity import permissions
from app.web.backoffice.setups import wording
from app.web.backoffice.setups.reading import Typed
from fulfilment import rules
from fulfilment.models import Location
from fulfilment.places import locations
from fulfilment.rules import Change, Draft, Fault, Setup
from kit.database import reading, transaction
from kit.errors import Invalid, Refused

_ROW = re.compile(r"^(groups\.[^.]+)\.(steps_grams|prices_minor)\.(\d+)$")


@dataclass(frozen=True, slots=True)
class Banner:
    """What stands above every page of the setup: the draft and how much it changes."""

    draft: Draft
    changes: Sequence[Change]
    may_edit: bool


@dataclass(frozen=True, slots=True)
class Here:
    """The setup as a page sees it. `names`: what locations and tariffs are called, by code."""

    banner: Banner
    setup: Setup
    in_force: Setup
    names: Mapping[str, str]
    places: Mapping[str, Location]


def here(session: Session) -> Here:
    """Return the draft (or what is in force) with what a page needs to talk about it."""
    draft = rules.draft_of(session)
    in_force = rules.read(session)
    may = permissions.may(current_user.role, "backoffice.setup_rules_save")
    return Here(
        banner=Banner(draft, rules.differences(in_force, draft.setup), may),
        setup=draft.setup,
        in_force=in_force,
        names=names_of(session, draft.setup, in_force),
        places=locations.by_code(session),
    )


def names_of(session: Session, *setups: Setup) -> dict[str, str]:
    """Return the display names of locations and tariffs by code."""
    found = {code: place.name for code, place in locations.by_code(session).items()}
    for setup in reversed(setups):
        found |= {code: tariff.name for code, tariff in setup.tariffs.items()}
    return found


def seen(part: object) -> str:
    """Return a print of a part of the setup: whoever saves it says which one they had seen."""
    return hashlib.sha256(repr(part).encode()).hexdigest()[:16]


Save = Callable[[Setup, Typed], Setup]
Again = Callable[[Here, Mapping[str, str], Mapping[str, str], str], str]


def save(
    typed: Typed,
    *,
    prefix: str,
    part: Callable[[Setup], object],
    change: Save,
    again: Again,
    back: str,
) -> Response | tuple[str, int]:
    """Save one part of the draft, or show the form again with what was typed and what is wrong.

    Two people may edit different parts at the same time; of one part, the second is shown what the
    first has saved, with their own entries still in the form.

    Args:
        typed: the form; `seen` in it is the print of the part that it was made from.
        prefix: path of the part, to find the faults that belong to its fields.
        part: takes the part out of a setup.
        change: returns the setup with what was typed in it.
        again: renders the form: setup, texts, errors by field, a word on top.
        back: where to go when it is saved.

    Raises:
        Invalid: ``malformed`` for a form that does not say what it was made from.
    """
    if not typed.text("seen"):
        raise Invalid("malformed")
    try:
        with transaction() as session:
            now = here(session)
            if seen(part(now.setup)) != typed.text("seen"):
                raise Refused("draft_changed", actor=now.banner.draft.actor or "")
            wanted = change(now.setup, typed)
            wrong = dict(typed.wrong)
            if not wrong:
                wrong = by_field(rules.faults(wanted, now.in_force.locations), prefix)
            if not wrong and wanted != now.setup:
                rules.save_draft(session, current_user.name, wanted, now.banner.draft.version)
    except Refused as refusal:
        with reading() as session:
            by = refusal.facts.get("actor") or _("Jemand")
            words = _("%(name)s hat das inzwischen geändert. Ihre Eingaben stehen noch hier;"
                      " Speichern setzt sie durch.", name=by)  # fmt: skip
            return again(here(session), typed.texts, {}, words), 409
    if wrong:
        with reading() as session:
            words = _("Noch nicht gespeichert: Bitte sehen Sie die markierten Felder an.")
            return again(here(session), typed.texts, wrong, words), 422
    flash(_("Im Entwurf gespeichert. Es gilt erst, wenn es veröffentlicht ist."), "ok")
    return redirect(back)


def by_field(faults: Sequence[Fault], prefix: str) -> dict[str, str]:
    """Return the faults by field of a part; those of other parts under their whole path."""
    found: dict[str, str] = {}
    for one in faults:
        inside = one.path.startswith(f"{prefix}.")
        name = one.path.removeprefix(f"{prefix}.") if inside else one.path
        # A form's row has its number first: groups.std.0.prices_minor.
        name = _ROW.sub(r"\1.\3.\2", name)
        found.setdefault(name, wording.fault(one))
    return found


def show(template: str, now: Here, **facts: object) -> str:
    """Render a page of the setup."""
    return render_template(
        f"backoffice/setup/{template}.html",
        here=now,
        banner=now.banner,
        names=now.names,
        said=lambda change: wording.said(change, now.names),
        weekday=wording.weekday,
        group_words=wording.group,
        days_words=wording.days,
        overview=url_for("backoffice.setup"),
        **facts,
    )
