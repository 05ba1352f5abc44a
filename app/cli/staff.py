"""Commands about people: the first admin is made here, everyone else in the back office."""

import click

from app.identity import staff
from kit.database import transaction


@click.group("staff")
def staff_group() -> None:
    """People who work here."""


@staff_group.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", default="admin", show_default=True, type=click.Choice(staff.ROLES))
@click.option("--location", default=None, help="code of the store, for roles bound to one")
@click.password_option()
def create(email: str, name: str, role: str, location: str | None, password: str) -> None:
    """Create a person who can sign in; asks for the password."""
    with transaction() as session:
        staff.create(
            session, email=email, name=name, role=role, location=location, password=password
        )
    click.echo(f"{email} can sign in as {role}")


commands: list[click.Command] = [staff_group]
