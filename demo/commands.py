"""`flask demo seed`: present only where the shop runs as a demo."""

import time

import click
from flask import current_app

from demo.seed import seed


@click.group("demo")
def demo_group() -> None:
    """The demo shop Angelhaus Rhein."""


@demo_group.command("seed")
def seed_() -> None:
    """Create the demo shop, or bring it up to date; may be repeated."""
    began = time.monotonic()

    def say(step: str) -> None:
        click.echo(f"  {time.monotonic() - began:5.1f} s  {step}")

    seed(say, current_app.config["KONTOR"].media)


commands: list[click.Command] = [demo_group]
