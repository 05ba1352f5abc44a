"""Whoever changes the books of lots past the ledger is found by the proofs."""

import pytest
from sqlalchemy import text

from fulfilment.outbound import picking
from fulfilment.proofs import PROOFS
from fulfilment.tracing import recalls
from tests.fulfilment.test_lots import BAIT, bait  # noqa: F401 - a fixture
from tests.fulfilment.test_recalls import books, recall  # noqa: F401 - a fixture
from tests.fulfilment.warehouse import order, want


def tampered(books, statement):  # noqa: F811 - pytest's way
    """Return what the proofs say of a book that somebody has changed; it is put right again."""
    savepoint = books.begin_nested()
    assert books.execute(text(statement)).rowcount == 1
    found = [
        (number, row[0]) for number, proof in PROOFS.items() for row in books.execute(text(proof))
    ]
    savepoint.rollback()
    return found


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE stock_lots SET on_hand = 5 WHERE lot = 'A1' AND location = 'lager'",
            [(1, "lot A1: on_hand is not what the rows sum up to"),
             (1, "sum of lots: on_hand is not what the rows sum up to")],
        ),
        (
            "UPDATE stock_lots SET quarantined = 1 WHERE lot = 'B2' AND location = 'lager'",
            [(1, "lot B2: quarantined is not what the rows sum up to"),
             (1, "sum of lots: quarantined is not what the rows sum up to")],
        ),
        (
            "INSERT INTO stock_lots VALUES ('BOI-20-ER', 'koblenz', 'A1', false, 0, 0, 2)",
            [(1, "lot A1: in_transit is not what the rows sum up to"),
             (1, "sum of lots: in_transit is not what the rows sum up to")],
        ),
        (
            "UPDATE stock_balances SET tracking = NULL WHERE location = 'koblenz'",
            [(1, "rule of the SKU is not what the rows sum up to")],
        ),
        (
            "UPDATE stock_allocations SET lot = 'C9'",
            [(1, "picked of lot C9 is not what the rows sum up to")],
        ),
        (
            "UPDATE stock_allocations SET lot = NULL",
            [(1, "picked without a lot is not what the rows sum up to")],
        ),
        (
            "UPDATE sku_rules SET recalled = true",
            [(1, "open recalls is not what the rows sum up to")]
            + 4 * [(1, "rule of the SKU is not what the rows sum up to")],
        ),
    ],
)  # fmt: skip
def test_a_proof_finds_lots_that_somebody_has_changed(books, statement, said):  # noqa: F811 - pytest's way
    job = order(books, "K-1", want(BAIT, "lager", 1))["lager"]
    picking.claim(books, job, "Anna")
    picking.scan(books, job, BAIT, lot="B2")
    recall_all = recalls.open_(books, sku=BAIT, lots=["X"], reason="x", actor="x")[0]
    recalls.close(books, recall_all.id, result="kept", actor="x")
    assert sorted(tampered(books, statement)) == sorted(said)


def test_a_proof_finds_recalled_goods_on_a_shelf(books):  # noqa: F811 - pytest's way
    recall(books)
    said = tampered(books, "UPDATE recalls SET lots = ARRAY['B2']")
    assert said == [(3, "called back and on the shelf")] * 2
