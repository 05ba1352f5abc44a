"""`kontor maintenance on|off`: close the shop's pages for a while (docs/operate.md)."""

from datetime import UTC, datetime, timedelta

import click
from flask import current_app

from app.web import maintenance


@click.group("maintenance")
def group() -> None:
    """Close the shop's pages; tills, floor, back office and webhooks work on."""


@group.command("on")
@click.option("--minutes", type=click.IntRange(1, 24 * 60), help="until when, as the page says it")
def on(minutes: int | None) -> None:
    """Close the shop, for so many minutes as far as one knows."""
    until = datetime.now(UTC) + timedelta(minutes=minutes) if minutes else None
    file = maintenance.switch(current_app.config["KONTOR"].data)
    file.write_text(until.isoformat() if until else "", "utf-8")
    click.echo(f"The shop is closed. Open it with `kontor maintenance off` (or delete {file}).")


@group.command("off")
def off() -> None:
    """Open the shop again."""
    maintenance.switch(current_app.config["KONTOR"].data).unlink(missing_ok=True)
    click.echo("The shop is open.")


commands: list[click.Command] = [group]
