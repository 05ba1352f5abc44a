"""One draft for all, versions that stay, a way back; and a refusal that moves nothing."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from fulfilment import rules
from fulfilment.models import Location
from fulfilment.places import locations
from fulfilment.rules import Rules
from kit import clock
from kit.database import transaction
from kit.errors import Invalid, NotFound, Refused
from tests.fulfilment import warehouse
from tests.fulfilment.setups import SETUP, open_shop

WEDNESDAY = datetime(2026, 11, 25, 11, 30, tzinfo=UTC)
DEARER = replace(SETUP, rules=Rules(split_minor=250))
LATER = rules.changed(SETUP, {"locations.bonn.cut_off": "17:30", "tariffs.paket.name": "Päckchen"})
TABLES = (
    "locations", "closed_days", "tariffs", "routing_rules", "routing_setups", "routing_drafts",
    "outbox_events",
)  # fmt: skip


@pytest.fixture
def shop(session):
    open_shop(session)
    with clock.frozen(WEDNESDAY):
        yield session


def everything(session: Session) -> dict[str, list[str]]:
    return {
        table: sorted(session.scalars(text(f"SELECT t::text FROM {table} AS t")))
        for table in TABLES
    }


def publish(session, setup, reason="darum", actor="staff:petra"):
    draft = rules.draft_of(session)
    saved = rules.save_draft(session, actor, setup, draft.version)
    return rules.publish(session, actor, reason, saved.version)


def test_what_is_in_force_is_what_the_books_say(shop):
    assert rules.read(shop) == SETUP
    assert list(rules.read(shop).locations) == ["lager", "bonn", "koeln"]
    assert rules.versions(shop) == []
    draft = rules.draft_of(shop)
    assert (draft.version, draft.setup, draft.is_open, draft.actor) == (0, SETUP, False, None)


def test_a_draft_is_seen_by_all_and_in_force_for_nobody(shop):
    saved = rules.save_draft(shop, "staff:petra", DEARER, 0)
    assert (saved.version, saved.setup, saved.is_open) == (1, DEARER, True)
    assert (saved.actor, saved.changed_at) == ("staff:petra", WEDNESDAY)
    assert rules.draft_of(shop) == saved
    assert rules.read(shop) == SETUP
    rules.discard_draft(shop, "staff:cem", 1)
    assert rules.draft_of(shop).version == 2
    assert rules.draft_of(shop).setup == SETUP
    assert not rules.draft_of(shop).is_open


def test_the_second_of_two_editors_is_told_and_changes_nothing(shop):
    rules.save_draft(shop, "staff:petra", DEARER, 0)
    before = everything(shop)
    for attempt in (
        lambda: rules.save_draft(shop, "staff:cem", LATER, 0),
        lambda: rules.save_draft(shop, "staff:cem", LATER, 2),
        lambda: rules.discard_draft(shop, "staff:cem", 0),
        lambda: rules.publish(shop, "staff:cem", "weil", 0),
    ):
        with pytest.raises(Refused) as refused, shop.begin_nested():
            attempt()
        assert refused.value.code == "draft_changed"
        assert (refused.value.facts["version"], refused.value.facts["actor"]) == (1, "staff:petra")
        assert everything(shop) == before


def test_a_draft_thrown_away_does_not_come_back_by_an_old_version(shop):
    rules.save_draft(shop, "staff:petra", DEARER, 0)
    rules.discard_draft(shop, "staff:petra", 1)
    with pytest.raises(Refused):
        rules.save_draft(shop, "staff:cem", LATER, 1)
    assert not rules.draft_of(shop).is_open


def test_publishing_puts_in_force_keeps_both_versions_and_tells(shop):
    version = publish(shop, LATER, "  Kurier kommt später ")
    assert (version.number, version.cause, version.reason) == (
        2,
        "published",
        "Kurier kommt später",
    )
    assert (version.actor, version.published_at) == ("staff:petra", WEDNESDAY)
    assert [change.path for change in version.changes] == [
        ("locations", "bonn", "cut_off"),
        ("tariffs", "paket", "name"),
    ]
    assert rules.read(shop) == LATER
    assert not rules.draft_of(shop).is_open
    assert [(v.number, v.cause) for v in rules.versions(shop)] == [(2, "published"), (1, "first")]
    assert rules.version(shop, 1)[1] == SETUP
    assert rules.version(shop, 2) == (version, LATER)
    assert rules.newest(shop) == 2
    told = shop.execute(text("SELECT name, payload FROM outbox_events")).all()
    assert told == [("SetupPublished", {"number": 2, "actor": "staff:petra"})]


def test_every_kind_of_change_arrives_in_the_books(shop):
    new = rules.changed(
        SETUP,
        {
            "rules.need_by_late_minor": 400,
            "rules.carrier_holidays": False,
            "locations.bonn.hours": {"0": ["10:00", "18:00"]},
            "locations.bonn.closed_on": {"2027-02-08": "Rosenmontag"},
            "locations.bonn.capacity_per_day": 0,
            "locations.koeln.tariffs": ["paket", "kurier"],
            "tariffs.paket.groups.std.longest_mm": 1200,
            "tariffs.kurier": rules.to_json(SETUP)["tariffs"]["paket"],
        },
    )
    publish(shop, new)
    assert rules.read(shop) == new
    kept = shop.get_one(Location, "bonn")
    assert (kept.city, kept.contact, kept.opening_hours["0"]) == (
        "Bonn", "Petra Lindlar", ["10:00", "18:00"],
    )  # fmt: skip
    without = replace(new, tariffs=SETUP.tariffs, locations=SETUP.locations)
    publish(shop, without)
    assert rules.read(shop) == without


def test_an_old_version_comes_back_as_a_draft_and_is_published_like_any_other(shop):
    publish(shop, LATER)
    publish(shop, DEARER)
    draft = rules.restore(shop, "staff:cem", 2, rules.draft_of(shop).version)
    assert (draft.setup, draft.restored_from) == (LATER, 2)
    assert rules.read(shop) == DEARER
    version = rules.publish(shop, "staff:cem", "doch wie vorher", draft.version)
    assert (version.number, version.restored_from) == (4, 2)
    assert rules.read(shop) == LATER
    assert publish(shop, SETUP).restored_from is None
    assert [v.number for v in rules.versions(shop)] == [5, 4, 3, 2, 1]


def test_what_was_changed_past_the_drafts_is_a_version_of_its_own(shop):
    publish(shop, DEARER)
    shop.execute(text("UPDATE locations SET capacity_per_day = 7 WHERE code = 'bonn'"))
    found = rules.read(shop)
    publish(shop, replace(found, rules=Rules(split_minor=300)))
    assert [(v.number, v.cause) for v in rules.versions(shop)][:2] == [
        (4, "published"), (3, "found"),
    ]  # fmt: skip
    assert rules.version(shop, 3)[1] == found
    assert [(c.path, c.before, c.after) for c in rules.version(shop, 3)[0].changes] == [
        (("locations", "bonn", "capacity_per_day"), 40, 7)
    ]
    assert [c.path for c in rules.version(shop, 4)[0].changes] == [("rules", "split_minor")]


def test_a_location_opened_after_the_draft_stays_as_it_is(shop):
    rules.save_draft(shop, "staff:petra", DEARER, 0)
    facts = {c.name: getattr(shop.get_one(Location, "bonn"), c.name) for c in Location.__table__.c}
    locations.put(shop, **{**facts, "code": "trier", "position": 9, "capacity_per_day": 11})
    draft = rules.draft_of(shop)
    assert list(draft.setup.locations) == ["lager", "bonn", "koeln", "trier"]
    assert draft.setup.locations["trier"].capacity_per_day == 11
    rules.publish(shop, "staff:petra", "teurer", draft.version)
    assert rules.read(shop) == draft.setup
    old = rules.restore(shop, "staff:petra", 1, rules.draft_of(shop).version)
    assert old.setup.locations["trier"].capacity_per_day == 11


@pytest.mark.parametrize(
    ("reason", "code"),
    [("", "reason_missing"), (" \n", "reason_missing"), ("x" * 501, "reason_too_long")],
)  # fmt: skip
def test_publishing_needs_a_reason(shop, reason, code):
    rules.save_draft(shop, "staff:petra", DEARER, 0)
    before = everything(shop)
    with pytest.raises(Invalid) as refused, shop.begin_nested():
        rules.publish(shop, "staff:petra", reason, 1)
    assert refused.value.code == code
    assert everything(shop) == before


@pytest.mark.parametrize(("draft", "code"), [(None, "draft_missing"), (SETUP, "nothing_changed")])
def test_nothing_is_published_without_a_draft_or_a_change(shop, draft, code):
    version = rules.save_draft(shop, "staff:petra", draft, 0).version if draft else 0
    before = everything(shop)
    with pytest.raises(Refused) as refused, shop.begin_nested():
        rules.publish(shop, "staff:petra", "weil", version)
    assert refused.value.code == code
    assert everything(shop) == before


def test_a_draft_with_a_fault_is_not_saved(shop):
    before = everything(shop)
    for setup in (
        replace(SETUP, rules=Rules(max_parcels=0)),
        replace(SETUP, locations={**SETUP.locations, "trier": SETUP.locations["bonn"]}),
        replace(SETUP, locations={"lager": SETUP.locations["lager"]}),
    ):
        with pytest.raises(Invalid) as refused, shop.begin_nested():
            rules.save_draft(shop, "staff:petra", setup, 0)
        assert refused.value.code == "setup_invalid"
        assert everything(shop) == before


def test_a_tariff_that_parcels_wait_to_go_by_is_not_dropped(shop):
    warehouse.stock(shop, "lager", {warehouse.HOOKS: 2})
    warehouse.order(shop, "K-1", warehouse.want(warehouse.HOOKS, "lager", 2))
    shop.execute(text("UPDATE fulfilment_orders SET tariff = 'spedition'"))
    without = {"paket": SETUP.tariffs["paket"]}
    lager = replace(SETUP.locations["lager"], tariffs=("paket",), groups=("std",))
    smaller = replace(SETUP, tariffs=without, locations={**SETUP.locations, "lager": lager})
    saved = rules.save_draft(shop, "staff:petra", smaller, 0)
    before = everything(shop)
    with pytest.raises(Refused) as refused, shop.begin_nested():
        rules.publish(shop, "staff:petra", "weil", saved.version)
    assert (refused.value.code, refused.value.facts) == (
        "tariff_in_use", {"tariff": "spedition", "fulfilment_orders": 1},
    )  # fmt: skip
    assert everything(shop) == before


def test_versions_that_never_were_are_not_found(shop):
    for attempt in (
        lambda: rules.version(shop, 1),
        lambda: rules.restore(shop, "staff:petra", 1, 0),
    ):
        with pytest.raises(NotFound) as refused:
            attempt()
        assert refused.value.code == "setup_version"


def test_of_two_who_publish_at_once_one_wins(database):
    with transaction() as session:
        open_shop(session)
        version = rules.save_draft(session, "staff:petra", DEARER, 0).version
    outcomes = []
    start = threading.Barrier(2)

    def publish_it(actor):
        start.wait()
        try:
            with transaction() as session:
                outcomes.append(rules.publish(session, actor, "weil", version).number)
        except Refused as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=publish_it, args=[who]) for who in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [2, "draft_changed"]
    with transaction() as session:
        assert [v.number for v in rules.versions(session)] == [2, 1]
        assert rules.read(session) == DEARER
