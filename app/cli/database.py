"""Commands about the database: bring it to the newest shape, check the invariants."""

import json
import sys

import click
from flask import current_app

from app import invariants
from kit.database import reading


@click.command("migrate")
def migrate() -> None:
    """Bring the database to the newest shape and set the application role's rights."""
    # alembic: 10 MB that no other process of the shop needs
    from migrations import run

    run.upgrade(current_app.config["KONTOR"].database_url, lambda step: click.echo(f"  {step}"))


@click.command("invariants")
@click.option("--json", "as_json", is_flag=True, help="one line of JSON instead of a table")
def check_invariants(*, as_json: bool) -> None:
    """Check every invariant and print what breaks it; exit 1 if any is broken."""
    with reading() as session:
        findings = invariants.check(session)
    if as_json:
        click.echo(json.dumps({str(f.number): f.state for f in findings}))
    else:
        for finding in findings:
            click.echo(f"{finding.number:>2}  {finding.state:<10} {finding.title}")
            for row in finding.rows[:5]:
                click.echo(f"      {row}")
    if any(finding.state == "broken" for finding in findings):
        sys.exit(1)


commands: list[click.Command] = [migrate, check_invariants]
