"""What a file would do: each line is really done, in a transaction that is taken back.

So a dry run finds what the takeover would find: a GTIN that an earlier line has taken, a product
that an earlier line makes. A file with a bad line changes nothing at all.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from catalog.imports.kinds import KINDS, Kind
from catalog.imports.sheets import Row
from kit.database import Json
from kit.errors import Invalid, KontorError

MOST_SHOWN = 500
SAY_EVERY = 50
Say = Callable[[int], None]


@dataclass(frozen=True)
class Change:
    """What a line would make or change: its line in the file, to what, field by field."""

    line: int
    key: str
    outcome: str
    fields: list[tuple[str, Any, Any]]


@dataclass(frozen=True)
class Fault:
    """Why a line cannot be taken over: an error's code with its facts."""

    line: int
    code: str
    facts: dict[str, Any]


@dataclass
class Plan:
    """What a file would do; of long ones the first changes and faults, and how many there are."""

    new: int = 0
    changed: int = 0
    same: int = 0
    bad: int = 0
    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def to_json(self) -> Json:
        """Return it as plain JSON, to be kept."""
        return asdict(self)


def check_columns(kind: str, rows: Sequence[Row]) -> Kind:
    """Return the kind, if a file's columns fit it.

    Raises:
        Invalid: ``import_kind``; ``sheet_columns`` with `missing` and `unknown` columns.
    """
    found = KINDS.get(kind)
    if found is None:
        raise Invalid("import_kind", kind=kind)
    columns = {name for _line, cells in rows for name in cells}
    missing = [name for name in found.required if name not in columns]
    unknown = sorted(columns - set(found.columns))
    if missing or unknown:
        raise Invalid("sheet_columns", missing=missing, unknown=unknown)
    return found


def apply(
    session: Session, kind: Kind, rows: Iterable[Row], at: datetime, say: Say = lambda _done: None
) -> Plan:
    """Do what the lines say, in an open transaction, and return what they did.

    Args:
        session: the open transaction; whoever finds `bad` lines in the answer rolls it back.
        kind: of the import.
        rows: lines of the file.
        at: from when prices hold that name no day.
        say: is told how many lines are done, now and then.
    """
    plan = Plan()
    for done, (line, cells) in enumerate(rows, start=1):
        _one(session, kind, line, cells, at, plan)
        if done % SAY_EVERY == 0:
            say(done)
    return plan


def _one(
    session: Session, kind: Kind, line: int, cells: Mapping[str, str], at: datetime, plan: Plan
) -> None:
    try:
        with session.begin_nested():
            found = kind.apply(session, cells, at)
            session.flush()
    except KontorError as error:
        _bad(plan, Fault(line, error.code, _plain(error.facts)))
    except (DataError, IntegrityError):
        _bad(plan, Fault(line, "malformed", {}))
    else:
        setattr(plan, found.outcome, getattr(plan, found.outcome) + 1)
        if found.outcome != "same" and len(plan.changes) < MOST_SHOWN:
            fields = [(name, _cell(was), _cell(now)) for name, (was, now) in found.fields.items()]
            plan.changes.append(Change(line, found.key, found.outcome, fields))


def _bad(plan: Plan, fault: Fault) -> None:
    plan.bad += 1
    if len(plan.faults) < MOST_SHOWN:
        plan.faults.append(fault)


def _plain(facts: Mapping[str, object]) -> dict[str, Any]:
    return {name: _cell(value) for name, value in facts.items()}


def _cell(value: object) -> Any:
    if isinstance(value, bool):
        # As people type it into the table.
        return int(value)
    if value is None or isinstance(value, int):
        return value
    longest = 200
    text = str(value)
    return text if len(text) <= longest else text[: longest - 1] + "…"
