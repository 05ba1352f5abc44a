"""`flask replay online-retail PATH`: a real retailer's year through the shop's own workflows."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app import invariants
from kit.database import reading
from kit.errors import Invalid

if TYPE_CHECKING:
    from app.replay import running


@click.group("replay")
def replay_group() -> None:
    """Replay real books; meant for a database of its own."""


@replay_group.command("online-retail")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--items", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--limit", type=int, help="play only the first so many invoices")
@click.option(
    "--workers",
    type=click.IntRange(1, 16),
    default=4,
    show_default=True,
    help="processes side by side; they wait for one another's stock, so take two per core",
)
def online_retail(path: Path, items: Path | None, limit: int | None, workers: int) -> None:
    """Play the lines of PATH (CSV, .gz welcome): orders, till sales and returns, goods received.

    May be stopped at any moment and started again: what was played is passed by.
    """
    # every process of the shop lists its commands; few run this one
    from app.replay import running

    beside = path.with_name("online_retail_items.csv.gz")
    items = items or (beside if beside.exists() else None)
    with click.progressbar(length=1, label="invoices", width=40, file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        try:
            report = running.replay(
                path, items, say=_say, progress=progress, limit=limit, workers=workers
            )
        except Invalid as error:
            raise click.ClickException(f"{error}: nothing was played") from None
    _print(report)
    with reading() as session:
        findings = invariants.check(session)
    for finding in findings:
        click.echo(f"{finding.number:>2}  {finding.state:<10} {finding.title}")
        for row in finding.rows[:5]:
            click.echo(f"      {row}")
    if any(finding.state == "broken" for finding in findings):
        sys.exit(1)


def _say(stage: str) -> None:
    click.echo(stage, err=True)


def _print(report: "running.Report") -> None:
    click.echo(f"{report.invoices} invoices, {report.lines} lines in {report.seconds:.0f} s")
    if report.resumed_after:
        click.echo(f"  {report.resumed_after} of them in earlier starts")
    for outcome, count in sorted(report.outcomes.items()):
        click.echo(f"  {outcome:<12} {count:>7} invoices {report.units[outcome]:>9} units")
    click.echo("not played, by reason:")
    for reason, count in report.refused_lines.items():
        units = report.refused_units[reason]
        click.echo(f"  {reason:<18} {count:>7} lines    {units:>9} units")


commands: list[click.Command] = [replay_group]
