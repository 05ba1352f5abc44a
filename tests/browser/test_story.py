"""Herr Müller's Wednesday in a real browser: the same description that `make story` plays."""

import pytest

from demo.story import cast, play
from demo.story.stage import Stage
from demo.story.telling import Teller
from demo.story.windows import DESK, PHONE, Windows
from tests.browser.conftest import Judge

IN_THE_SHOP = ["home", "category", "product", "basket", "checkout", "review", "payment"]
AFTER_PAYMENT = [
    "order", "floor-list", "floor-job", "order-two-parcels", "board", "floor-today",
    "floor-packed-1", "slip-1", "floor-packed-2", "slip-2", "order-on-its-way", "card", "photos",
    "card-gallery", "office-order", "stock", "invariants",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "contact_by"), [(PHONE, "call"), (DESK, "mail")], ids=["phone-call", "desk-mail"]
)
def test_from_search_to_two_parcels(
    stage: Stage,
    windows: Windows,
    teller: Teller,
    judge: Judge,
    size: tuple[int, int],
    contact_by: str,
) -> None:
    play.play(stage, windows, teller, size=size, contact_by=contact_by)
    called = ["floor-call"] if contact_by == "call" else []
    assert sorted(judge.seen) == sorted(IN_THE_SHOP + AFTER_PAYMENT + called)
    assert judge.found == []


@pytest.mark.slow
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_without_javascript_up_to_the_payment_page(
    stage: Stage, windows: Windows, teller: Teller, judge: Judge, size: tuple[int, int]
) -> None:
    judge.scripts = False
    _, order = play.shop(stage, windows, teller, size=size, scripts=False)
    # 5 % off 6.90 and 4.90, cents cut in the customer's favour; delivery 4.90.
    assert (order.goods_minor, order.total_minor) == (2 * 655 + 465, 2 * 655 + 465 + 490)
    assert judge.seen == IN_THE_SHOP
    assert judge.found == []


def test_the_story_knows_the_house(stage: Stage) -> None:
    assert stage.till_asks(cast.STORE, f"items/{cast.HOOK_GTIN}")["sku"] == cast.HOOK
    assert stage.till_asks(cast.STORE, f"items/{cast.LURE_GTIN}")["sku"] == cast.LURE
