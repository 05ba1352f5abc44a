"""`flask routing prices`: forecast, prices and why, as the router takes them."""

from datetime import timedelta

import pytest
from flask import Flask

from app.cli import foresight
from fulfilment.stock import counter_sales
from kit import clock
from kit.database import transaction
from tests import small_shop
from tests.small_shop import LURE, PAN, WEDNESDAY


@pytest.fixture
def run(database):
    """Run a command in a shop that has sold a lure a day in Bonn for a week, and has two left."""
    with clock.frozen(WEDNESDAY - timedelta(days=8)):
        small_shop.build({("lager", LURE): 5, ("bonn", LURE): 9, ("lager", PAN): 2})
    for day in range(7, 0, -1):
        with clock.frozen(WEDNESDAY - timedelta(days=day)), transaction() as session:
            counter_sales.sell(
                session,
                location="bonn",
                lines=[(LURE, 1)],
                document=f"bonn-1-{day}",
                actor="till",
                key=f"sale-{day}",
            )
    flask = Flask("shop")
    flask.cli.add_command(foresight.prices)
    flask.cli.add_command(foresight.foresee_now)
    with clock.frozen(WEDNESDAY):
        yield lambda *words: flask.test_cli_runner().invoke(args=list(words))


def test_before_the_first_night_there_is_nothing_to_say(run):
    answer = run("prices", LURE)
    assert answer.exit_code == 0
    assert answer.output.startswith("never priced")


def test_the_counter_is_why_a_unit_is_dear(run):
    made = run("foresee")
    assert made.exit_code == 0
    assert made.output.startswith("2 SKUs, 1 places, ")
    said = run("prices", LURE).output.splitlines()
    # 30 % of 6.90 € gross; a lure a day for two weeks against two that are left.
    assert said[0] == "made 25.11.2026 12:30; a unit earns 2.07 €"
    assert said[1] == "the web is expected to ask for 0.0 until goods come"
    assert said[2].startswith("lager           5 free, counter 0.0")
    assert said[2].endswith("a unit is worth 0.00 €, nobody needs it")
    assert said[3].startswith("bonn            2 free, counter 1")
    assert " until 09.12. (needs them all: 100%); later orders 0.00 €," in said[3]
    assert said[3].endswith("counter 2.07 €: a unit is worth 2.07 €, the counter")
    assert len(said) == 4


def test_what_moved_is_priced_again(run):
    assert run("foresee").exit_code == 0
    assert run("foresee", "--moved").output.startswith("0 SKUs, 0 places, ")


def test_old_prices_say_that_they_are_old(run):
    run("foresee")
    with clock.frozen(WEDNESDAY + timedelta(hours=36)):
        said = run("prices", LURE).output
    assert "12:30, too old to count" in said
    assert said.count("a unit is worth 0.00 €, nobody needs it") == 2


def test_what_is_not_sold_is_refused(run):
    answer = run("prices", "NO-SUCH")
    assert answer.exit_code == 1
    assert "nothing is sold as NO-SUCH" in answer.output
