"""What was bought together before: receipts of the years without a shop, rules, what is used up."""

import random
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.workflows import learn_together
from catalog.crosssell import receipts, rules
from catalog.crosssell.rules import Rule, Side
from kit.database import transaction

FILE = Path(__file__).parent / "together.toml"
DAYS = 300
_ACTOR = "Übernahme"


def put_all(start: datetime) -> int:
    """Put the receipts, the rules and what is used up where they are missing, and learn.

    Args:
        start: the receipts lie in the days before it.

    Returns:
        How many receipts are new.
    """
    facts = tomllib.loads(FILE.read_text("utf-8"))
    with transaction() as session:
        new = _receipts(session, facts["occasion"], start)
        if not rules.listed(session):
            for one in facts["rule"]:
                rules.put(session, _rule(one), actor=_ACTOR)
            rules.set_consumed(session, set(facts["consumed"]["families"]))
    if new:
        learn_together.learn_everything()
    return new


def _receipts(session: Session, occasions: list[dict[str, Any]], start: datetime) -> int:
    chance, number, new = random.Random(11), 0, 0
    for occasion in occasions:
        for _ in range(occasion["times"]):
            number += 1
            sold_at = start - timedelta(days=chance.uniform(1, DAYS))
            skus = _basket(chance, occasion)
            new += receipts.sell(
                session, f"demo-{number:04d}", skus, channel="till", sold_at=sold_at
            )
    return new


def _basket(chance: random.Random, occasion: Mapping[str, Any]) -> list[str]:
    """Draw one of each of `all`, and the first of `some` more often than the last."""
    skus = [chance.choice(one.split("|")) for one in occasion["all"]]
    for place, sku in enumerate(occasion["some"]):
        if chance.random() < 0.6 / (1 + 0.35 * place):
            skus.append(sku)
    return skus


def _rule(facts: Mapping[str, Any]) -> Rule:
    source, target = Side(*facts["source"]), Side(*facts["target"])
    return Rule(facts["kind"], source, target, facts["reason"]["de"], facts["reason"]["en"])
