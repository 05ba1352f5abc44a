"""`flask demo seed`: present only where the shop runs as a demo."""

import time

import click
from flask import current_app

from demo import fulfilled_before
from demo.restage import restage
from demo.seed import seed
from kit import clock
from kit.database import reading, transaction


@click.group("demo")
def demo_group() -> None:
    """The demo shop Angelhaus Rhein."""


@demo_group.command("seed")
def seed_() -> None:
    """Create the demo shop, or bring it up to date; may be repeated."""
    began = time.monotonic()
    with reading() as session:
        clock.refresh(session)
    start = clock.now()

    def say(step: str) -> None:
        click.echo(f"  {time.monotonic() - began:5.1f} s  {step}")

    seed(say, current_app.config["KONTOR"].media)
    say(f"{fulfilled_before.put_all(start)} web orders of the weeks before")


@demo_group.command("restage")
def restage_() -> None:
    """Bring the story's goods back to what the seed offers; prints what was delivered."""
    with transaction() as session:
        clock.refresh(session)
        for (location, sku), units in restage(session).items():
            click.echo(f"{units} x {sku} at {location}")


commands: list[click.Command] = [demo_group]
