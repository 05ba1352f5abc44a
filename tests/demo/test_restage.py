"""The story's goods come back by counts and deliveries, and the books stay provable."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from demo import places, stockroom
from demo.restage import STORY, restage
from fulfilment import answers
from fulfilment.answers import availability
from fulfilment.stock import counter_sales, counts, ledger
from kit import clock
from kit.database import reading, transaction

NOON = datetime(2026, 11, 25, 11, 30, tzinfo=UTC)
HOOK, LURE = "OH-3-0", "RS9-MOT"


@pytest.fixture
def stage(database: Engine) -> Iterator[None]:
    with clock.frozen(NOON):
        with transaction() as session:
            places.put_all(session)
        stockroom.put_all(NOON, {})
        yield


def free() -> dict[tuple[str, str], int]:
    with reading() as session:
        held = availability.available(session, [HOOK, LURE], NOON)
    return {place: held[place].available for place in STORY}


def test_what_the_story_used_up_is_counted_and_delivered(stage: None) -> None:
    offered = free()
    assert offered == {
        ("lager", HOOK): 3, ("lager", LURE): 24, ("bonn", HOOK): 5, ("bonn", LURE): 6,
    }  # fmt: skip
    with transaction() as session:
        assert restage(session) == {}
    with transaction() as session:
        counter_sales.sell(
            session, location="bonn", lines=[(HOOK, 2), (LURE, 1)], document="B-1",
            actor="till", key="sale/1",
        )  # fmt: skip
        ledger.quarantine(
            session, "lager", [(HOOK, 3)], document="K-1: short pick", actor="picker", key="q/1"
        )
        counts.ask(session, [("lager", HOOK)], cause="short_pick", document="K-1")
    assert free()["lager", HOOK] == 0

    with transaction() as session:
        delivered = restage(session)

    assert delivered == {("lager", HOOK): 3, ("bonn", HOOK): 2, ("bonn", LURE): 1}
    assert free() == offered
    with reading() as session:
        assert counts.open_tasks(session, "lager") == []
        assert answers.why(session, HOOK, "lager").quarantined == 0
        assert answers.drift(session) == []
    with transaction() as session:
        assert restage(session) == {}
