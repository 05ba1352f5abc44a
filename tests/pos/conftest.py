"""A small shop on a frozen Wednesday with one till in Bonn."""

import pytest

from tests import small_shop
from tests.pos.register import STOCK, Register


@pytest.fixture
def register(wednesday: None, sound: None, client) -> Register:
    small_shop.build(STOCK)
    return Register(client)
