"""Fixtures of the bank: the places of the races."""

from tests.races.conftest import places

__all__ = ["places"]
