"""What stock is worth to those who are still to come, by command (`flask routing prices`)."""

import click

from app.workflows import foresee
from fulfilment.foresight.explanation import PlaceWorth
from kit import clock
from kit.database import reading
from kit.errors import NotFound

_WORDS = {
    "later_orders": "later web orders",
    "counter": "the counter",
    "nobody": "nobody needs it",
}


@click.command("prices")
@click.argument("sku")
def prices(sku: str) -> None:
    """Print what is expected of SKU, what a unit is worth at each location, and to whom."""
    with reading() as session:
        clock.refresh(session)
        try:
            told = foresee.explain(session, sku)
        except NotFound:
            raise click.ClickException(f"nothing is sold as {sku}") from None
    if told.made_at is None:
        click.echo("never priced: run `flask routing foresee`, or wait for the night")
        return
    age = "" if told.valid else ", too old to count"
    made = f"made {clock.berlin(told.made_at):%d.%m.%Y %H:%M}{age}"
    click.echo(f"{made}; a unit earns {_euro(told.margin_minor)}")
    click.echo(f"the web is expected to ask for {told.web_units:.1f} until goods come")
    for place in told.places:
        click.echo(_line(place))
    for code, minor in told.parcels.items():
        click.echo(f"a parcel from {code} is worth up to {_euro(minor)}")


def _line(place: PlaceWorth) -> str:
    until = "" if place.until_on is None else f" until {place.until_on:%d.%m.}"
    return (
        f"{place.location:<12} {place.free:>4} free, counter {place.counter_units:.1f}{until}"
        f" (needs them all: {place.needed:.0%}); later orders {_euro(place.shadow_minor)},"
        f" counter {_euro(place.counter_minor)}: a unit is worth {_euro(place.worth_minor)},"
        f" {_WORDS[place.because]}"
    )


def _euro(minor: int) -> str:
    return f"{minor / 100:.2f} €"


@click.command("foresee")
@click.option("--moved", is_flag=True, help="only what has moved since the last time")
def foresee_now(*, moved: bool) -> None:
    """Forecast demand and price all stock, as every night."""
    done = foresee.price_moved() if moved else foresee.price_everything()
    click.echo(f"{done.skus} SKUs, {done.places} places, {done.seconds:.1f} s")
