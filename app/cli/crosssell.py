"""What is bought together, by command: learn, look at the models, go back, ask why."""

import click

from app.workflows import learn_together
from catalog.crosssell import ranking, stored
from kit import clock
from kit.database import reading, transaction
from kit.errors import Refused


@click.group("crosssell")
def crosssell_group() -> None:
    """Ask and steer what is suggested beside a basket."""


@crosssell_group.command("learn")
def learn() -> None:
    """Learn anew from all receipts and switch, as every night."""
    model = learn_together.learn_everything()
    click.echo("too few receipts" if model is None else f"model {model} is in force")


@crosssell_group.command("models")
def models() -> None:
    """List the models that are kept."""
    with reading() as session:
        for view in stored.models(session):
            mark = "*" if view.in_force else " "
            click.echo(
                f"{mark} {view.id:>4}  {clock.berlin(view.made_at):%d.%m.%Y %H:%M}"
                f"  {view.receipts} receipts, {view.items} items, {view.edges} edges,"
                f" {view.seconds:.1f} s"
            )


@crosssell_group.command("roll-back")
def roll_back() -> None:
    """Put the model before the one in force back in force."""
    try:
        with transaction() as session:
            model = learn_together.roll_back(session, "command")
    except Refused:
        raise click.ClickException("there is no model before this one") from None
    click.echo(f"model {model} is in force")


@crosssell_group.command("why")
@click.argument("target")
@click.argument("basket", nargs=-1, required=True)
def why(target: str, basket: tuple[str, ...]) -> None:
    """Say what speaks for SKU TARGET beside a BASKET of SKUs."""
    with reading() as session:
        found = ranking.because(session, basket, [target]).get(target, [])
    for one in found or ():
        origin = one.source or one.document
        needed = "needed, " if one.needed else ""
        click.echo(f"{one.score:8.4f}  {needed}{one.origin} of {origin}  {one.reason('de')}")
    if not found:
        click.echo("nothing speaks for it")


commands: list[click.Command] = [crosssell_group]
