"""A port that was free a moment ago: the server goes to another one, and to no stranger's."""

import pytest

from local import ports, postgres, valkey
from local.processes import Household

pytestmark = pytest.mark.slow


@pytest.fixture
def household(short_folder):
    household = Household(short_folder / "logs")
    yield household
    household.close()


def test_postgres_goes_elsewhere_and_nothing_of_the_first_try_is_left(household, short_folder):
    other = short_folder / "other"
    other.mkdir(mode=0o755)
    first = postgres.start(household, other, ports.any_free(), settings=postgres.FORGETFUL)
    household.children["first"] = household.children.pop("postgres")
    second = postgres.start(household, short_folder, first.port, settings=postgres.FORGETFUL)
    assert second.port != first.port
    assert second.child.process.poll() is None
    assert set(household.children) == {"first", "postgres"}


def test_valkey_goes_elsewhere_although_another_one_answers(household, short_folder):
    other = short_folder / "other"
    other.mkdir()
    first = valkey.start(household, other, ports.any_free(), durable=False)
    household.children["first"] = household.children.pop("valkey")
    second = valkey.start(household, short_folder, first.port, durable=False)
    assert second.port != first.port
    assert second.child.process.poll() is None
    assert set(household.children) == {"first", "valkey"}


def test_another_failure_is_not_tried_again():
    seen = []

    def start(port):
        seen.append(port)
        raise RuntimeError("no room on the disk")

    with pytest.raises(RuntimeError, match="no room"):
        ports.on_a_free_one(start, 15_000)
    assert seen == [15_000]


def test_it_gives_up_when_every_port_is_taken():
    seen = []

    def start(port):
        seen.append(port)
        raise RuntimeError(f"bind: {ports.TAKEN}")

    with pytest.raises(RuntimeError, match="in use"):
        ports.on_a_free_one(start, 15_000)
    assert len(seen) == ports.TRIES
    assert seen[0] == 15_000
