"""Cash rounded to five cents, where a store does that: coins in the drawer, sums in the books."""

import pytest

from app.tills import cash, rules, sessions
from kit.database import reading, transaction
from tests.pos.register import photograph, problem, sale
from tests.pos.test_returns import back, returned
from tests.small_shop import LURE


@pytest.fixture
def rounding(register):
    with transaction() as session:
        rules.round_cash(session, "bonn", 5, by="Frau Adler")
    return register


def _sale(off, *tenders, **changes):
    line = {"sku": LURE, "quantity": 1, "unit_minor": 690}
    discount = {"amount_minor": off, "reason": "damage"}
    paid = [{"method": method, "amount_minor": minor} for method, minor in tenders]
    return sale(lines=[{**line, "discount": discount}], tenders=paid, **changes)


def _drawer():
    with reading() as session:
        standing = sessions.listed(session, "bonn")[0]
        return cash.expected(session, standing.id)


def test_the_rule_is_the_stores_and_the_till_hears_of_it(rounding):
    assert rounding.get("/device").get_json()["rules"]["cash_rounding_minor"] == 5


@pytest.mark.parametrize(("off", "coins", "rounded"), [(3, 685, 2), (2, 690, -2)])
def test_the_drawer_has_the_coins_and_the_return_gives_them_back(rounding, off, coins, rounded):
    sold = rounding.post(
        "/sales", _sale(off, ("cash", coins), ("rounding", rounded), sale_id="rounded-1")
    ).get_json()
    assert (sold["total_minor"], sold["conflicts"]) == (690 - off, [])
    assert _drawer() == coins
    (paid,) = {row[0] for row in photograph()["payments"]}
    assert sum(row[2] for row in photograph()["payments"]) == 690 - off
    (line,) = rounding.get(f"/receipts?code={paid}").get_json()["lines"]
    again = returned(
        back(paid, line["line_id"], 690 - off), tenders=[("cash", -coins), ("rounding", -rounded)]
    )
    answer = rounding.post("/sales", again).get_json()
    assert (answer["total_minor"], answer["conflicts"]) == (off - 690, [])
    assert _drawer() == 0


def test_a_void_gives_back_the_coins(rounding):
    sold = _sale(3, ("cash", 685), ("rounding", 2))
    rounding.post("/sales", sold)
    void = {"sale_id": "void-0001", "voids": sold["sale_id"], "reason": "Vertippt"}
    assert rounding.post("/voids", void).get_json()["conflicts"] == []
    assert _drawer() == 0


def test_who_rounds_where_nobody_does_is_looked_at_and_too_much_is_refused(register):
    posted = _sale(3, ("cash", 685), ("rounding", 2))
    (found,) = register.post("/sales", posted).get_json()["conflicts"]
    assert found == {"kind": "rounding", "facts": {"amount_minor": 2, "coin_minor": 1}}
    before = photograph()
    for tenders in ([("cash", 680), ("rounding", 7)], [("card_terminal", 685), ("rounding", 2)]):
        assert problem(register.post("/sales", _sale(3, *tenders))) == (422, "tender")
    assert photograph() == before
