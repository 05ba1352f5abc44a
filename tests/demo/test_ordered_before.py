"""The web orders of before the demo: the same everywhere, and out of the story's way."""

import tomllib

from demo import ordered_before, people, stockroom
from demo.catalog.goods import variants
from demo.restage import STORY


def test_the_same_orders_everywhere_of_all_four_weeks() -> None:
    planned = ordered_before.plan()
    assert planned == ordered_before.plan()
    assert [one.days_ago for one in planned] == sorted(
        (one.days_ago for one in planned), reverse=True
    )
    assert {one.days_ago // 7 for one in planned if one.days_ago} == {0, 1, 2, 3}
    assert {one.days for one in planned} == {-1, 0, 1}
    assert any(one.short for one in planned)
    assert {one.collect_at for one in planned} - {None} <= {"bonn", "koeln", "koblenz"}
    assert any(one.collect_at for one in planned)
    assert [one.days_ago for one in planned if one.mistyped] == [3]


def test_they_leave_the_goods_and_people_of_the_story_alone() -> None:
    planned = ordered_before.plan()
    ordered = {sku for one in planned for sku, _ in one.lines}
    exact = tomllib.loads(stockroom.FILE.read_text("utf-8"))["exact"]
    assert ordered <= variants().keys()
    assert not ordered & {sku for _, sku in STORY}
    assert not ordered & exact.keys()
    known = {row["key"] for row in people.customer_rows()}
    assert {one.customer for one in planned} <= known - {"mueller", "frau_mueller"}
    for one in planned:
        skus = [sku for sku, _ in one.lines]
        assert len(skus) == len(set(skus)) <= 3
        assert not one.short or len(skus) > 1
