"""Stock by command: why is it 3, do the balances agree with their rows, are closed months right."""

import sys
import time
from datetime import datetime
from pathlib import Path

import click
from flask import current_app
from sqlalchemy import text

from fulfilment.answers import explanations, history, reconciliation
from fulfilment.answers.explanations import Terms
from fulfilment.answers.history import AsOf, Holdings
from fulfilment.proofs import drift
from fulfilment.stock import months
from kit import clock
from kit.database import reading, transaction
from kit.errors import KontorError

_ACTOR = "command line"


@click.group("stock")
def stock_group() -> None:
    """Ask the stock ledger, prove it, repair balances that have drifted."""


@stock_group.command("why")
@click.argument("sku")
@click.argument("location")
@click.option("--at", "instant", help="an instant, Berlin time unless it names a zone")
def why(sku: str, location: str, instant: str | None) -> None:
    """Explain the stock of SKU at LOCATION, now or as it was."""
    with reading() as session:
        # All its queries see the books as they are at one moment, so that the sums add up.
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        clock.refresh(session)
        try:
            if instant is None:
                _print_terms(explanations.why(session, sku, location))
            else:
                _print_as_of(history.as_of(session, sku, location, _moment(instant)))
        except KontorError as error:
            raise click.ClickException(str(error)) from None


def _moment(written: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise click.BadParameter(f"{written} is no ISO 8601 instant", param_hint="--at") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.BERLIN)


def _line(number: int, words: str) -> None:
    click.echo(f"{number:>+8}  {words}")


def _print_terms(terms: Terms) -> None:
    if terms.opened_on:
        _line(terms.opening, f"opening balance: months up to {terms.opened_on:%Y-%m}")
    for one in terms.causes:
        shown = ", ".join(one.documents)
        _line(one.quantity, f"{one.cause} ({one.count}): {shown}")
    click.echo(f"{terms.on_hand:>8}  on hand")
    taken = {
        "quarantined": terms.quarantined,
        "reserved": terms.reserved,
        "allocated": terms.allocated,
        "backordered": terms.backordered,
        "safety stock": terms.safety,
        "doubt until counted": terms.doubt,
    }
    for words, units in taken.items():
        if units:
            _line(-units, words)
    if terms.beyond:
        _line(terms.beyond, "not below 0")
    click.echo(f"{terms.available:>8}  available")
    for claim in terms.claims:
        click.echo(f"          {claim.quantity} × {claim.order_ref}, {claim.kind}, {claim.state}")
    for due in terms.incoming:
        day = due.expected_on.isoformat() if due.expected_on else "no day"
        late = ", late: does not count" if due.late else ""
        click.echo(f"          {due.quantity} coming {day}: {due.document} from {due.source}{late}")


def _print_as_of(seen: AsOf) -> None:
    click.echo(f"{'said':>8}{'known':>8}  {clock.berlin(seen.instant).isoformat()}")
    for term in (*Holdings.__slots__, "available"):
        words = term.replace("_", " ")
        click.echo(f"{getattr(seen.said, term):>8}{getattr(seen.known, term):>8}  {words}")
    for move in seen.late:
        click.echo(
            f"          booked later: {move.quantity} × {move.cause}, {move.document},"
            f" {clock.berlin(move.booked_at).isoformat(timespec='minutes')}"
        )


@stock_group.command("reconcile")
@click.option("--repair", "repairing", is_flag=True, help="make them agree, place by place")
def reconcile(*, repairing: bool) -> None:
    """Compare all balances with their rows; exit 1 while any disagree."""
    with transaction() as session:
        clock.refresh(session)
        found = reconciliation.check(session, actor=_ACTOR)
    for one in found:
        click.echo(f"{one.location} {one.sku}: {one.term} {one.booked}, rows {one.summed}")
    if repairing:
        for place in sorted({(one.location, one.sku) for one in found}):
            with transaction() as session:
                lost = reconciliation.repair(session, place, actor=_ACTOR).lost
            click.echo(f"repaired {place[0]} {place[1]}; {len(lost)} claims lost")
        with reading() as session:
            found = drift(session)
    click.echo(f"{len(found)} terms disagree")
    if found:
        sys.exit(1)


@stock_group.command("prove-months")
def prove_months() -> None:
    """Prove every closed month that is in the database; exit 1 if any is wrong."""
    wrong = 0
    with reading() as session:
        rows = {row.month: row for row in months.closed(session)}
        began = time.monotonic()
        for month, gaps in months.prove_all(session):
            seconds, began = time.monotonic() - began, time.monotonic()
            verdict = f"{len(gaps)} accounts are wrong" if gaps else "right"
            movements = rows[month].movements
            click.echo(f"{month:%Y-%m}  {movements:>10} movements  {verdict}, {seconds:.1f} s")
            for gap in gaps[:5]:
                click.echo(f"      {gap}")
            wrong += bool(gaps)
    if wrong:
        sys.exit(1)


@stock_group.command("detach-month")
@click.argument("month", metavar="YYYY-MM")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def detach_month(month: str, folder: Path) -> None:
    """Take a closed month out of the database, into a file in FOLDER; the oldest goes first."""
    # alembic comes with it: 10 MB that no other process of the shop needs
    from migrations.months import NotDetachableError, detach

    try:
        first = datetime.strptime(month, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        raise click.BadParameter(f"{month} is no month such as 2026-03") from None
    try:
        with reading() as session:
            gaps = months.prove(session, first, thorough=True)
        if gaps:
            raise click.ClickException(f"{month} does not prove: {gaps[0]}")
        detached = detach(current_app.config["KONTOR"].database_url, first, folder)
    except (KontorError, NotDetachableError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{detached.path}: {detached.movements} movements of {detached.units} units")


commands: list[click.Command] = [stock_group]
