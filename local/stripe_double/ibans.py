"""The test accounts that are modelled. Source: Stripe documentation, "Test account numbers"."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    """A documented test account: what its bank answers by itself; None: it waits to be told."""

    iban: str
    label: str
    paid: bool | None


ACCOUNTS = (
    Account("DE89370400440532013000", "debit_pays", True),
    Account("DE62370400440532013001", "debit_bounces", False),
    Account("DE08370400440532013003", "debit_waits", None),
)


def by_iban(typed: str) -> Account | None:
    """The account with this number, or None: real accounts are never accepted here."""
    plain = re.sub(r"\s", "", typed).upper()
    return next((one for one in ACCOUNTS if one.iban == plain), None)
