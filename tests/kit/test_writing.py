"""Rows of several tables in one statement."""

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.sales import orders
from app.sales.models import Order, OrderLine, TimelineEntry
from app.sales.orders import NewLine, Terms
from kit import clock, writing
from kit.plain import Plain, ask
from kit.writing import fresh, write

LINE = NewLine("A", "Ä \"quoted\" \\ 'title'", 2, 655, 1900, 10, "std")


def _made(**changes: object) -> tuple[Order, list[OrderLine]]:
    terms = Terms(channel="till", price_group="all", address={"name": "Jörg"}, **changes)  # type: ignore[arg-type]
    return orders.made(terms, [LINE, LINE])


def _note(order: Order, what: str) -> TimelineEntry:
    return TimelineEntry(
        order_ref=order.ref, happened_at=clock.now(), actor="kontor", what=what, facts={"n": [1]}
    )


def test_all_rows_go_in_one_statement_and_read_back_as_they_were(session, monkeypatch):
    order, lines = _made()
    seen: list[str | bytes] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *a: seen.append(a[2]))

    def counted(session: Session, plain: Plain) -> tuple[bytes | None, ...] | None:
        seen.append(plain.statement)
        return ask(session, plain)

    monkeypatch.setattr(writing, "ask", counted)

    write(session, [_note(order, "second"), order, *lines, _note(order, "third")])

    assert len(seen) == 1
    found = session.scalars(select(Order).where(Order.ref == order.ref)).one()
    assert found is not order
    assert {name: getattr(found, name) for name in ("id", "address", "placed_at", "language")} == {
        "id": order.id, "address": {"name": "Jörg"}, "placed_at": order.placed_at, "language": "de",
    }  # fmt: skip
    assert found.basket_id is None
    assert [line.title for line in orders.lines_of(session, found)] == [LINE.title] * 2
    assert [(row.what, row.facts) for row in orders.timeline(session, order.ref)] == [
        ("second", {"n": [1]}),
        ("third", {"n": [1]}),
    ]


def test_a_fresh_row_is_as_good_as_a_made_one(session):
    order, lines = _made()
    write(session, [order, *lines])
    values = {"order_ref": order.ref, "happened_at": clock.now(), "actor": "kontor", "what": "told"}
    note = fresh(TimelineEntry, **values, facts={})
    assert (note.what, note.id) == ("told", None)
    session.add(note)
    session.flush()
    session.refresh(note)
    assert note.id is not None
    assert {name: getattr(note, name) for name in values} == values
    note.actor = "somebody"
    assert session.is_modified(note)


def test_a_fresh_row_has_the_attributes_of_its_table_and_no_others():
    with pytest.raises(TypeError, match="TimelineEntry has no whom"):
        fresh(TimelineEntry, what="told", whom="you")


def test_rows_that_are_kept_are_the_sessions_own(session):
    order, lines = _made()
    write(session, [order, *lines], keep=True)
    assert orders.by_ref(session, order.ref) is order

    order.phone = "0228 1"
    session.flush()
    session.expire_all()

    assert orders.by_ref(session, order.ref).phone == "0228 1"


def test_what_goes_along_is_done_with_the_rows_or_not_at_all(session):
    order, lines = _made(sale_id="s-1")
    write(session, [order, *lines])
    other, _ = _made()
    told = b"UPDATE orders SET phone = $3 WHERE id = $2"
    along = Plain(told, [str(order.id).encode(), b"0228 2"])
    again, _ = _made(sale_id="s-1")
    with pytest.raises(IntegrityError), session.begin_nested():
        write(session, [again], along=along)
    assert orders.by_ref(session, order.ref).phone is None
    session.expire_all()

    write(session, [other], along=along)

    assert orders.by_ref(session, order.ref).phone == "0228 2"
    assert orders.by_ref(session, other.ref).phone is None


def test_one_row_too_many_and_none_is_written(session):
    order, lines = _made(sale_id="s-1")
    other, more = _made(sale_id="s-1")
    with pytest.raises(IntegrityError, match="uq_orders_sale_id"), session.begin_nested():
        write(session, [order, *lines, other, *more])
    assert session.scalar(select(func.count()).select_from(OrderLine)) == 0
