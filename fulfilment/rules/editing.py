"""Change a setup by the paths of its fields: for commands and questions ("what if?")."""

import json
from collections.abc import Mapping
from typing import Any

from fulfilment.rules.documents import from_json, to_json
from fulfilment.rules.setup import Setup
from kit.errors import Invalid


def changed(setup: Setup, values: Mapping[str, Any]) -> Setup:
    """Return a setup with some fields changed; the given one stays as it is.

    Args:
        setup: where to start.
        values: by path in the document (`fulfilment.rules.documents`), dots between names,
            numbers for places in lists: ``rules.split_minor``, ``locations.bonn.cut_off``,
            ``tariffs.paket.groups.std.prices_minor.0``. A name alone is one of the rules.

    Raises:
        Invalid: ``setup_field_unknown`` with the path; or as `documents.from_json`. Whether the
            result makes sense is for `checking.check` to say.
    """
    document = to_json(setup)
    for path, value in values.items():
        names = path.split(".")
        _put(document, ["rules", *names] if len(names) == 1 else names, path, value)
    return from_json(document)


def _put(document: dict[str, Any], names: list[str], path: str, value: Any) -> None:
    at: Any = document
    for name in names[:-1]:
        at = _inner(at, name, path)
    last = names[-1]
    if isinstance(at, list):
        _inner(at, last, path)
        at[int(last)] = value
    elif isinstance(at, dict) and (last in at or names[-2] in {"closed_on", "tariffs", "groups"}):
        at[last] = value
    else:
        raise Invalid("setup_field_unknown", path=path)


def _inner(at: Any, name: str, path: str) -> Any:
    if isinstance(at, dict) and name in at:
        return at[name]
    if isinstance(at, list) and name.isdecimal() and int(name) < len(at):
        return at[int(name)]
    raise Invalid("setup_field_unknown", path=path)


def assignment(written: str) -> tuple[str, Any]:
    """Return path and value of ``path=value`` as typed by a person.

    The value is read as JSON where it is some (250, true, null, [1, 2]), else as text (18:00).

    Raises:
        Invalid: ``assignment_malformed``.
    """
    path, sign, value = written.partition("=")
    if not sign or not path.strip():
        raise Invalid("assignment_malformed", written=written)
    try:
        return path.strip(), json.loads(value)
    except ValueError:
        return path.strip(), value.strip()
