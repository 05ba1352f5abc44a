"""The shop's clock by command; the demo moves it, a real shop never does."""

from datetime import datetime

import click

from kit import clock
from kit.database import reading, transaction


@click.group("clock")
def clock_group() -> None:
    """Show or move the shop's clock."""


@clock_group.command("show")
def show() -> None:
    """Print the shop's time in Berlin."""
    with reading() as session:
        clock.refresh(session)
    click.echo(clock.berlin(clock.now()).isoformat(timespec="seconds"))


@clock_group.command("set")
@click.argument("instant")
def set_(instant: str) -> None:
    """Move the clock to INSTANT, Berlin time unless it names a zone, e.g. 2026-11-25T12:30."""
    moment = datetime.fromisoformat(instant)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=clock.BERLIN)
    with transaction() as session:
        clock.move_to(session, moment)
    click.echo(clock.berlin(clock.now()).isoformat(timespec="seconds"))


commands: list[click.Command] = [clock_group]
