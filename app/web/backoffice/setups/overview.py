"""The setup at a glance, and the rules that hold for every order."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from app.web.backoffice.room import blueprint
from app.web.backoffice.setups import drafting, wording
from app.web.backoffice.setups.drafting import Here
from app.web.backoffice.setups.reading import Typed, euros
from app.web.session import allowed
from fulfilment.rules import Rules, Setup
from kit.database import reading

_OPTIONAL = {"need_by_late_minor"}


@blueprint.get("/setup")
@allowed
def setup() -> str:
    """Show locations, tariffs and rules as they are in the draft, or in force without one."""
    with reading() as session:
        now = drafting.here(session)
        return drafting.show(
            "overview",
            now,
            rules=[(wording.RULES[name][0], _shown(now.setup.rules, name)) for name in _names()],
            changed=_changed(now),
            hours=wording.hours,
        )


def _changed(now: Here) -> set[str]:
    """The codes of what the draft changes, and `rules`."""
    return {
        one.path[0] if one.path[0] == "rules" else ".".join(one.path[:2])
        for one in now.banner.changes
    }


def _names() -> list[str]:
    return [field.name for field in fields(Rules) if field.name in wording.RULES]


def _shown(rules: Rules, name: str) -> str:
    return wording.value(("rules", name), getattr(rules, name))


@blueprint.get("/setup/rules")
@allowed
def setup_rules() -> str:
    """Show the rules as a form."""
    with reading() as session:
        now = drafting.here(session)
        return _page(now, texts(now.setup.rules), {}, "")


def texts(rules: Rules) -> dict[str, str]:
    """Return the rules as the form holds them."""
    found = {}
    for name in _names():
        value = getattr(rules, name)
        if isinstance(value, bool):
            found[name] = "1" if value else ""
        else:
            found[name] = euros(value) if name.endswith("_minor") else str(value)
    return found


def _page(now: Here, typed: Mapping[str, str], wrong: Mapping[str, str], word: str) -> str:
    rows = [
        {
            "name": name,
            "label": wording.RULES[name][0],
            "hint": wording.RULES[name][1],
            "unit": unit_of(name),
            "optional": name in _OPTIONAL,
            "flag": isinstance(getattr(now.setup.rules, name), bool),
            "before": _before(now, name),
        }
        for name in _names()
    ]
    seen = drafting.seen(now.setup.rules)
    return drafting.show("rules", now, rows=rows, texts=typed, errors=wrong, word=word, seen=seen)


def _before(now: Here, name: str) -> str:
    """What is in force, where the draft says something else."""
    old, new = getattr(now.in_force.rules, name), getattr(now.setup.rules, name)
    return "" if old == new else _shown(now.in_force.rules, name)


def unit_of(name: str) -> str:
    """Return the unit that a rule is typed in."""
    if name.endswith("_minor"):
        return "€"
    return "%" if name.endswith("_percent") else ""


@blueprint.post("/setup/rules")
@allowed
def setup_rules_save() -> Response | tuple[str, int]:
    """Save the rules in the draft."""
    return drafting.save(
        Typed(request.form.to_dict()),
        prefix="rules",
        part=lambda setup: setup.rules,
        change=_typed_rules,
        again=_page,
        back=url_for("backoffice.setup_rules"),
    )


def _typed_rules(setup: Setup, typed: Typed) -> Setup:
    values: dict[str, Any] = {}
    for name in _names():
        if isinstance(getattr(setup.rules, name), bool):
            values[name] = typed.given(name)
        elif name in _OPTIONAL:
            values[name] = typed.maybe_scaled(name, 100)
        elif name.endswith("_minor"):
            values[name] = typed.scaled(name, 100)
        else:
            values[name] = typed.whole(name)
    return replace(setup, rules=replace(setup.rules, **values))
