"""Everything that moves stock, in any order: the invariants hold after each step.

A refusal must leave the books exactly as they were; the machine goes on in the same transaction,
so a half-done refusal would show in the next proof. The rules stand in `machine/`.
"""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test
from sqlalchemy import text

from tests.fulfilment.machine.core import Core
from tests.fulfilment.machine.documents import Documents
from tests.fulfilment.machine.floor import Floor
from tests.fulfilment.machine.goods import Goods
from tests.fulfilment.machine.keeping import Keeping
from tests.fulfilment.machine.kept_apart import KeptApart
from tests.fulfilment.machine.lines import Lines
from tests.fulfilment.machine.orders import Orders
from tests.fulfilment.warehouse import broken
from tests.soak import SOAK, sized

_UNSOLVED = text(
    """
    SELECT order_ref, line_id, sum(lost) AS lost, sum(opened) AS opened
    FROM (
        SELECT order_ref, line_id, quantity AS lost, 0 AS opened FROM stock_allocations
        WHERE state IN ('lost', 'short')
        UNION ALL
        SELECT order_ref, line_id, quantity, 0 FROM stock_reservations WHERE state = 'lost'
        UNION ALL
        SELECT order_ref, line_id, quantity, 0 FROM stock_backorders WHERE state = 'lost'
        UNION ALL
        SELECT order_ref, line_id, 0, quantity FROM shortages
    ) AS entry
    GROUP BY order_ref, line_id
    HAVING sum(lost) <> sum(opened)
    """
)


class Judge(Core):
    """What must hold after every step."""

    @invariant()
    def the_books_are_right(self) -> None:
        assert broken(self.session) == []
        # Every unit that was lost opened a shortage, and none was opened for nothing.
        assert self.session.execute(_UNSOLVED).all() == []
        # The next step is another transaction.
        self.begin()


class StockMachine(Goods, Orders, Floor, Lines, Documents, Keeping, KeptApart, Judge):
    """All of it at once."""


class LotMachine(KeptApart, Judge):
    """Lots and recalls alone: a story of few rules gets further with each."""


class ParcelMachine(Orders, Floor, Lines, Judge):
    """Orders from the button to the carrier, packed apart and opened again."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("machine", "bounded", "whole"),
    [(StockMachine, 20, 400), (LotMachine, 8, 200), (ParcelMachine, 3, 200)],
)
def test_any_order_of_operations_keeps_the_books_right(database, machine, bounded, whole):
    machine.engine = database
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=sized(bounded, whole),
            stateful_step_count=30,
            deadline=None,
            database=None,
            print_blob=True,
            # A long run says more with a short story; a short one says it sooner without.
            phases=Phase if SOAK else [Phase.generate],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
