"""Columns over weeks: to scale, with sums while there is room, and labels that keep apart."""

from itertools import pairwise

import pytest

from app.web.backoffice.bars import HEIGHT, WIDTH, columns


def test_columns_stand_on_one_another_to_scale_with_their_sums():
    drawn = columns(
        [("w1", (("ok", "kept", 6), ("danger", "late", 2))), ("w2", (("ok", "kept", 4),))]
    )
    kept, late, other = drawn.pieces
    assert kept.height == pytest.approx(3 * late.height)
    assert other.height == pytest.approx((kept.height + late.height) / 2)
    assert late.y + late.height == pytest.approx(kept.y)
    assert kept.y + kept.height == pytest.approx(other.y + other.height)
    assert [(mark.text, mark.below) for mark in drawn.marks] == [
        ("8", False), ("w1", True), ("4", False), ("w2", True),
    ]  # fmt: skip
    assert [piece.label for piece in drawn.pieces] == ["w1: kept 6", "w1: late 2", "w2: kept 4"]


@pytest.mark.parametrize("weeks", [1, 5, 9, 14, 53])
def test_labels_keep_apart_within_the_drawing_and_the_last_week_has_one(weeks):
    drawn = columns([(f"w{week}", (("ok", "kept", week + 1),)) for week in range(weeks)])
    names = [mark for mark in drawn.marks if mark.below]
    assert names[-1].text == f"w{weeks - 1}"
    assert all(after.x - before.x >= 127 for before, after in pairwise(names))
    assert all(60 <= mark.x <= WIDTH - 60 for mark in names)
    sums = [mark for mark in drawn.marks if not mark.below]
    assert len(sums) == (weeks if weeks <= 10 else 0)
    assert all(piece.x + piece.width <= WIDTH for piece in drawn.pieces)
    assert all(0 < mark.y < HEIGHT for mark in sums)


def test_where_there_is_nothing_nothing_is_drawn():
    assert columns([]) is None
    assert columns([("w1", (("ok", "kept", 0),))]) is None
