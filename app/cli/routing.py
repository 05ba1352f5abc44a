"""The router by command: its parts bring their own commands to this group."""

import click

from app.cli import foresight, setups


@click.group("routing")
def routing_group() -> None:
    """Ask the router's data: rules, replays, prices of stock."""


routing_group.add_command(foresight.prices)
routing_group.add_command(foresight.foresee_now)
routing_group.add_command(setups.setup_group)
routing_group.add_command(setups.what_if_command)

commands: list[click.Command] = [routing_group]
