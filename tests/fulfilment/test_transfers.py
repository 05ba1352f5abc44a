"""Transfers: requested, sent, on the way, arrived; and what happens when counts disagree."""

import pytest
from sqlalchemy import text

from fulfilment.claims import allocations
from fulfilment.inbound import incoming, transfers
from fulfilment.inbound.transfers import Arrival
from fulfilment.proofs import PROOFS
from fulfilment.stock import counts, ledger
from kit import clock
from kit.errors import Invalid, NotFound, Refused
from tests.fulfilment.warehouse import (
    FRIDAY,
    HOOKS,
    LURES,
    SATURDAY,
    WEDNESDAY,
    balance,
    broken,
    events_of,
    open_places,
    photograph,
    promise,
    stock,
    want,
)

BY = {"actor": "floor:kai"}


def requested(session, **units):
    lines = list((units or {HOOKS: 5, LURES: 2}).items())
    return transfers.request(
        session,
        origin="lager",
        location="bonn",
        lines=lines,
        expected_on=FRIDAY,
        number="UL-1",
        **BY,
    )


@pytest.fixture
def sent(shop):
    stock(shop, "lager", {HOOKS: 9, LURES: 9})
    requested(shop)
    transfers.send(shop, "UL-1", **BY)
    return shop


def lines_of(session):
    return [
        (line.sku, line.requested, line.sent, line.received, line.lost, line.found)
        for line in transfers.view(session, "UL-1").lines
    ]


def tasks(session, location):
    return [(task.sku, task.cause, task.document) for task in counts.open_tasks(session, location)]


def test_a_request_moves_nothing_and_is_not_coming_yet(shop):
    stock(shop, "lager", {HOOKS: 9, LURES: 9})
    assert requested(shop) == "UL-1"

    assert lines_of(shop) == [(HOOKS, 5, 0, 0, 0, 0), (LURES, 2, 0, 0, 0, 0)]
    assert balance(shop, "lager", HOOKS) == {"on_hand": 9}
    assert incoming.due(shop, HOOKS, "bonn") == []
    [row] = incoming.coming(shop)
    assert (row.document, row.state, row.units, row.source) == ("UL-1", "requested", 7, "lager")


def test_what_is_sent_is_on_the_way_until_it_arrives(sent):
    assert balance(sent, "lager", HOOKS) == {"on_hand": 4}
    assert balance(sent, "bonn", HOOKS) == {"in_transit": 5}
    [due] = incoming.due(sent, HOOKS, "bonn")
    assert (due.kind, due.document, due.quantity, due.expected_on) == (
        "transfer",
        "UL-1",
        5,
        FRIDAY,
    )
    assert (due.source, due.late) == ("lager", False)

    assert transfers.receive(sent, "UL-1", [(HOOKS, 3)], key="a", **BY) == Arrival([])
    assert balance(sent, "bonn", HOOKS) == {"on_hand": 3, "in_transit": 2}
    assert transfers.view(sent, "UL-1").state == "sent"

    transfers.receive(sent, "UL-1", [(HOOKS, 2), (LURES, 2)], key="b", **BY)
    assert balance(sent, "bonn", HOOKS) == {"on_hand": 5}
    transfer = transfers.view(sent, "UL-1")
    assert (transfer.state, transfer.sent_at, transfer.ended_at) == (
        "received",
        WEDNESDAY,
        WEDNESDAY,
    )
    assert [(m.cause, m.document, m.quantity) for m in ledger.movements(sent, HOOKS)][:3] == [
        ("transfer_in", "UL-1", 2),
        ("transfer_in", "UL-1", 3),
        ("transfer_out", "UL-1", 5),
    ]


def test_fewer_or_more_may_be_sent_than_was_requested_but_nothing_else(shop):
    stock(shop, "lager", {HOOKS: 9, LURES: 9, "X": 1})
    requested(shop)
    before = photograph(shop)
    with pytest.raises(Refused) as refusal:
        transfers.send(shop, "UL-1", lines=[(HOOKS, 1), ("X", 1)], **BY)
    assert (refusal.value.code, refusal.value.facts) == ("not_requested", {"skus": ["X"]})
    assert photograph(shop) == before

    transfers.send(shop, "UL-1", lines=[(HOOKS, 6)], expected_on=SATURDAY, **BY)

    assert lines_of(shop) == [(HOOKS, 5, 6, 0, 0, 0), (LURES, 2, 0, 0, 0, 0)]
    assert balance(shop, "lager", LURES) == {"on_hand": 9}
    assert [due.expected_on for due in incoming.due(shop, HOOKS, "bonn")] == [SATURDAY]
    transfers.receive(shop, "UL-1", [(HOOKS, 6)], key="a", **BY)
    assert transfers.view(shop, "UL-1").state == "received"


def test_sending_twice_is_harmless_and_sending_otherwise_is_refused(sent):
    before = photograph(sent)
    transfers.send(sent, "UL-1", **BY)
    with pytest.raises(Refused, match="transfer_state"):
        transfers.send(sent, "UL-1", lines=[(HOOKS, 1)], **BY)
    assert photograph(sent) == before


def test_what_is_promised_to_customers_does_not_leave(shop):
    stock(shop, "lager", {HOOKS: 6, LURES: 9})
    wants = [want(HOOKS, "lager", 2)]
    allocations.allocate(shop, order_ref="K-1", wants=wants, promised=promise(wants))
    requested(shop)
    before = photograph(shop)
    with pytest.raises(Refused, match="stock_short"):
        transfers.send(shop, "UL-1", **BY)
    assert photograph(shop) == before


def test_the_same_arrival_again_books_nothing(sent):
    transfers.receive(sent, "UL-1", [(HOOKS, 7), (LURES, 2)], key="a", **BY)
    before = photograph(sent)
    again = transfers.receive(sent, "UL-1", [(HOOKS, 7), (LURES, 2)], key="a", **BY)
    assert again == Arrival([], repeated=True)
    assert photograph(sent) == before


def test_what_comes_beyond_what_was_sent_is_found_and_the_origin_counts(sent):
    stock(sent, "lager", {"X": 4})
    arrival = transfers.receive(
        sent, "UL-1", [(HOOKS, 6), ("X", 1), (LURES, 1)], key="a", actor="floor:lukas"
    )

    assert arrival == Arrival([(HOOKS, 1), ("X", 1)])
    assert balance(sent, "bonn", HOOKS) == {"on_hand": 6}
    assert balance(sent, "bonn", "X") == {"on_hand": 1}
    assert lines_of(sent) == [
        (HOOKS, 5, 5, 5, 0, 1),
        (LURES, 2, 2, 1, 0, 0),
        ("X", 0, 0, 0, 0, 1),
    ]
    assert sorted(tasks(sent, "lager")) == [
        (HOOKS, "transfer_found", "UL-1"),
        ("X", "transfer_found", "UL-1"),
    ]
    assert transfers.view(sent, "UL-1").state == "sent"
    causes = [(m.cause, m.quantity) for m in ledger.movements(sent, HOOKS, "bonn")]
    assert causes == [("found", 1), ("transfer_in", 5), ("transfer_out", 5)]


def test_what_never_arrives_is_written_off_with_a_reason(sent):
    transfers.receive(sent, "UL-1", [(HOOKS, 3), (LURES, 2)], key="a", **BY)
    assert balance(sent, "bonn", HOOKS) == {"on_hand": 3, "in_transit": 2}

    with pytest.raises(Invalid, match="reason"):
        transfers.close(sent, "UL-1", reason=" ", **BY)
    lost = transfers.close(sent, "UL-1", reason="carton torn", actor="office:ute")

    assert lost == [(HOOKS, 2)]
    assert balance(sent, "bonn", HOOKS) == {"on_hand": 3}
    assert transfers.view(sent, "UL-1").state == "received"
    [movement, *_] = ledger.movements(sent, HOOKS)
    assert (movement.from_account, movement.from_location) == ("transit", "bonn")
    assert (movement.to_account, movement.cause) == ("loss", "transfer_lost")
    assert (movement.quantity, movement.actor) == (2, "office:ute")
    [entry, *_] = incoming.history(sent, "UL-1")
    assert (entry.what, entry.quantity, entry.reason) == ("lost", 2, "carton torn")
    assert tasks(sent, "lager") == [(HOOKS, "transfer_lost", "UL-1")]
    never = {"sku": HOOKS, "quantity": 2, "was_on": "2026-11-20", "expected_on": None}
    assert events_of(sent) == [
        ("IncomingDelayed", {"document": "UL-1", "location": "bonn", "lines": [never]})
    ]


def test_a_transfer_that_comes_later_says_so(sent):
    transfers.receive(sent, "UL-1", [(LURES, 2)], key="a", **BY)
    transfers.reschedule(sent, "UL-1", SATURDAY, reason="ice", **BY)
    slipped = {"sku": HOOKS, "quantity": 5, "was_on": "2026-11-20", "expected_on": "2026-11-21"}
    assert [facts["lines"] for _, facts in events_of(sent)] == [[slipped]]
    entries = [entry for entry in incoming.history(sent, "UL-1") if entry.what == "date"]
    assert {(e.was_on, e.expected_on, e.reason) for e in entries} == {(FRIDAY, SATURDAY, "ice")}


def test_a_request_can_be_dropped_and_a_sent_one_cannot(shop):
    stock(shop, "lager", {HOOKS: 9, LURES: 9})
    requested(shop)
    transfers.cancel(shop, "UL-1", reason="not needed", **BY)
    assert transfers.view(shop, "UL-1").state == "cancelled"
    before = photograph(shop)
    for late in (
        lambda: transfers.send(shop, "UL-1", **BY),
        lambda: transfers.receive(shop, "UL-1", [(HOOKS, 1)], key="a", **BY),
        lambda: transfers.close(shop, "UL-1", reason="x", **BY),
        lambda: transfers.cancel(shop, "UL-1", **BY),
        lambda: transfers.reschedule(shop, "UL-1", SATURDAY, **BY),
    ):
        with pytest.raises(Refused) as refusal:
            late()
        assert refusal.value.code == "transfer_state"
    assert photograph(shop) == before


def test_a_sent_transfer_is_not_dropped_but_closed(sent):
    before = photograph(sent)
    with pytest.raises(Refused) as refusal:
        transfers.cancel(sent, "UL-1", **BY)
    assert refusal.value.facts == {"state": "sent", "wanted": "cancelled"}
    assert photograph(sent) == before


@pytest.mark.parametrize(
    ("change", "error", "code"),
    [
        ({"lines": []}, Invalid, "document_empty"),
        ({"lines": [(HOOKS, 0)]}, Invalid, "quantity"),
        ({"location": "lager"}, Invalid, "same_location"),
        ({"location": "mond"}, NotFound, "location"),
        ({"number": "UL-1"}, Refused, "document_taken"),
    ],
)
def test_a_transfer_that_makes_no_sense_is_refused(shop, change, error, code):
    requested(shop)
    before = photograph(shop)
    asked = {"origin": "lager", "location": "bonn", "lines": [(HOOKS, 1)], **BY, **change}
    with pytest.raises(error) as refusal:
        transfers.request(shop, **asked)
    assert refusal.value.code == code
    assert photograph(shop) == before


@pytest.mark.parametrize(
    ("statement", "offences"),
    [
        (
            "UPDATE transfer_lines SET received = received + 1",
            [("received of UL-1", "bonn", HOOKS, 3, 2)],
        ),
        (
            "UPDATE transfer_lines SET sent = sent + 1",
            [
                ("on the way by transfers", "bonn", HOOKS, 3, 4),
                ("sent of UL-1", "bonn", HOOKS, 6, 5),
            ],
        ),
        ("UPDATE transfer_lines SET lost = 1", [("lost of UL-1", "bonn", HOOKS, 1, 0)]),
        ("UPDATE transfer_lines SET found = 1", [("found of UL-1", "bonn", HOOKS, 1, 0)]),
    ],
)
def test_the_proof_finds_a_line_that_its_history_does_not_explain(session, statement, offences):
    with clock.frozen(WEDNESDAY):
        _two_of_five_arrived(session)
        session.execute(text(statement))
        assert _said(session) == offences


def test_the_proof_finds_an_arrival_that_went_past_the_transfer(session):
    with clock.frozen(WEDNESDAY):
        _two_of_five_arrived(session)
        ledger.transfer_in(session, "bonn", [(HOOKS, 1)], document="UL-1", key="x", actor="kai")
        assert _said(session) == [
            ("booked as received of UL-1", "bonn", HOOKS, 2, 3),
            ("on the way by transfers", "bonn", HOOKS, 2, 3),
        ]


def _said(session):
    ending = " is not what the rows sum up to"
    return [
        (row.what.removesuffix(ending), row.location, row.sku, row.booked, row.summed)
        for row in session.execute(text(PROOFS[1]))
    ]


def _two_of_five_arrived(session):
    open_places(session)
    stock(session, "lager", {HOOKS: 9})
    requested(session, **{HOOKS: 5})
    transfers.send(session, "UL-1", **BY)
    transfers.receive(session, "UL-1", [(HOOKS, 2)], key="a", **BY)
    assert broken(session) == []
