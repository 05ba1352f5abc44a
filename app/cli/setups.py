"""The router's setup as a file, its versions, and "what if?", by command (docs/rules.md)."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import click

from app.workflows import what_if
from fulfilment import rules
from fulfilment.rules import Change, Setup
from fulfilment.whatif.results import Place, Result, Side
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, KontorError

_ACTOR = "command line"
_LISTED = 10
_COMPONENTS = ("parcels", "handling", "counter", "split", "late", "short")


@click.group("setup")
def setup_group() -> None:
    """Rules, costs and calendars: take them out, bring some in as a draft, publish, go back."""


@contextmanager
def _said() -> Iterator[None]:
    """Turn a refusal into what the command says."""
    try:
        yield
    except Invalid as error:
        faults = error.facts.get("faults") or [{**error.facts, "code": error.code}]
        raise click.ClickException("\n".join(map(_fault, faults))) from None
    except KontorError as error:
        raise click.ClickException(str(error)) from None


def _fault(fault: Any) -> str:
    facts = {name: value for name, value in fault.items() if name not in {"path", "code"}}
    said = ", ".join(f"{name} {value}" for name, value in facts.items())
    return ": ".join(filter(None, [fault.get("path"), fault["code"], said]))


@setup_group.command("export")
@click.option("--version", "number", type=int, help="an old version; without it what is in force")
@click.option("--draft", is_flag=True, help="the shared draft")
def export(number: int | None, *, draft: bool) -> None:
    """Print a setup as JSON."""
    with _said(), reading() as session:
        if number is not None:
            setup = rules.version(session, number)[1]
        elif draft:
            setup = rules.draft_of(session).setup
        else:
            setup = rules.read(session)
    click.echo(json.dumps(rules.to_json(setup), ensure_ascii=False, indent=2))


@setup_group.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8"))
def import_(file: Any) -> None:
    """Make FILE the shared draft ("-" reads from the pipe); nothing is in force yet."""
    with _said(), transaction() as session:
        clock.refresh(session)
        version = rules.draft_of(session).version
        draft = rules.save_draft(session, _ACTOR, _from_file(file), version)
        changes = rules.differences(rules.read(session), draft.setup)
    _print_changes(changes)
    for hint in rules.hints(draft.setup):
        click.echo(f"worth a look: {_fault(hint.to_json())}", err=True)


def _from_file(file: Any) -> Setup:
    try:
        document = json.load(file)
    except ValueError as error:
        raise click.ClickException(f"{file.name} is no JSON: {error}") from None
    return rules.from_json(document)


def _print_changes(changes: Sequence[Change]) -> None:
    for change in changes:
        click.echo(f"{'.'.join(change.path)}: {_short(change.before)} → {_short(change.after)}")
    click.echo(f"{len(changes)} changes")


def _short(value: Any) -> str:
    return "–" if value is None else json.dumps(value, ensure_ascii=False)


@setup_group.command("diff")
def diff() -> None:
    """Print what the draft changes in what is in force."""
    with reading() as session:
        _print_changes(rules.differences(rules.read(session), rules.draft_of(session).setup))


@setup_group.command("publish")
@click.option("--reason", required=True, help="why; everybody who looks at the versions reads it")
def publish(reason: str) -> None:
    """Put the draft in force."""
    with _said(), transaction() as session:
        clock.refresh(session)
        version = rules.draft_of(session).version
        published = rules.publish(session, _ACTOR, reason, version)
    _print_changes(published.changes)
    click.echo(f"version {published.number} is in force")


@setup_group.command("versions")
def versions() -> None:
    """List the versions, newest first."""
    with reading() as session:
        for one in rules.versions(session):
            at = clock.berlin(one.published_at).isoformat(sep=" ", timespec="minutes")
            again = f" (again {one.restored_from})" if one.restored_from else ""
            click.echo(f"{one.number:>4}  {at}  {one.actor}: {one.reason or one.cause}{again}")


@setup_group.command("restore")
@click.argument("number", type=int)
def restore(number: int) -> None:
    """Make version NUMBER the draft; publish it to go back to it."""
    with _said(), transaction() as session:
        clock.refresh(session)
        version = rules.draft_of(session).version
        draft = rules.restore(session, _ACTOR, number, version)
        changes = rules.differences(rules.read(session), draft.setup)
    _print_changes(changes)


@click.command("what-if")
@click.option("--since", help="first day or instant; 30 days ago without it")
@click.option("--until", help="day or instant after the last; now without it")
@click.option("--setup", "file", type=click.File("r", encoding="utf-8"), help="a setup as JSON")
@click.option("--draft", is_flag=True, help="the shared draft")
@click.option("--set", "assignments", multiple=True, metavar="PATH=VALUE", help="change a field")
@click.option("--json", "as_json", is_flag=True, help="print the sums as JSON")
def what_if_command(
    since: str | None,
    until: str | None,
    file: Any,
    assignments: Sequence[str],
    *,
    draft: bool,
    as_json: bool,
) -> None:
    """Replay the orders of a period under another setup. Nothing is changed by it.

    Starts from what is in force, a FILE or the draft; `--set split_minor=300` and the like go on
    top.
    """
    with _said(), reading() as session:
        clock.refresh(session)
        ends = _moment(until) if until else clock.now()
        begins = _moment(since) if since else ends - timedelta(days=30)
        in_force = rules.read(session)
        start = rules.draft_of(session).setup if draft else in_force
        start = _from_file(file) if file else start
        setup = rules.changed(start, dict(map(rules.assignment, assignments)))
        rules.check(setup, in_force.locations)
        with click.progressbar(length=1, width=40, file=sys.stderr, label="decisions") as bar:

            def progress(done: int, total: int) -> bool:
                bar.length = max(1, total)
                bar.update(done - bar.pos)
                return True

            found = what_if.answer(session, begins, ends, setup, progress)
    if as_json:
        click.echo(json.dumps(found.to_json()))
        return
    _print_changes(rules.differences(in_force, setup))
    _print_result(found)


def _moment(written: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise click.BadParameter(f"{written} is no day or instant of ISO 8601") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.BERLIN)


def _print_result(found: Result) -> None:
    sides = (found.then, found.repriced, found.replayed)
    click.echo("")
    _row("", ["then", "at new prices", "replayed"])
    for name in _COMPONENTS:
        _row(f"  {name}", [_euro(getattr(side.cost, name)) for side in sides])
    _row("cost", [_euro(side.cost.total) for side in sides])
    for name in ("parcels", "split_orders", "late_days", "unfilled"):
        _row(name.replace("_", " "), [getattr(side, name) for side in sides])
    _row("days per order", [_per_order(side, found.orders) for side in sides])
    for code in sorted({code for side in sides for code in side.places}):
        there = [side.places.get(code, Place()) for side in sides]
        _row(f"  {code}", [f"{place.units} in {place.parcels}" for place in there])
    click.echo(f"{found.orders} orders, {found.changed} sent otherwise, {found.forced} forced to")
    if found.without_question:
        click.echo(f"{found.without_question} decisions are too old to be asked again")
    for one in found.changes[:_LISTED]:
        difference = one.replayed.cost_minor - one.then.cost_minor
        ways = f"{_ways(one.then.locations)} → {_ways(one.replayed.locations)}"
        click.echo(f"  {one.order_ref}  {_euro(difference):>9}  {ways}")


def _ways(locations: Sequence[str]) -> str:
    return " + ".join(locations) or "–"


def _per_order(side: Side, orders: int) -> str:
    return f"{side.days / orders:.2f}" if orders else "–"


def _euro(minor: int) -> str:
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02}"


def _row(name: str, values: Sequence[object]) -> None:
    then, repriced, replayed = values
    click.echo(f"{name:<20}{then!s:>16}{repriced!s:>16}{replayed!s:>16}")
