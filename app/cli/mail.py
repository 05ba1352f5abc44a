"""Commands for the mail server: what comes back is told to the shop (docs/operate.md)."""

from typing import BinaryIO

import click

from app.workflows import unreachable
from kit import clock
from kit.database import reading

LARGEST_BYTES = 5_000_000


@click.command("mail-bounced")
@click.argument("report", type=click.File("rb"), default="-")
def bounced(report: BinaryIO) -> None:
    """Read a mail that came back (REPORT, else the standard input); an alias pipes it here."""
    with reading() as session:
        clock.refresh(session)
    count = unreachable.bounced(report.read(LARGEST_BYTES))
    click.echo(f"{count} undelivered")


commands: list[click.Command] = [bounced]
