"""Rules of the back office: "hook sizes 2/0 to 4/0 fit lures of 8 to 12 cm".

A rule names goods by family and one attribute with limits on either side; `refresh` writes down
of which SKUs it speaks and which it names, so that serving is a look-up. Hook sizes grow from 10
over 1 and 1/0 to 5/0: they are put on one scale (size n is 1 - n, n/0 is n). A family may end in
``*``: ``lure_*``.
"""

import logging
import re
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from catalog import checks
from catalog.crosssell.models import (
    CrossSellConsumed,
    CrossSellMatch,
    CrossSellRule,
    CrossSellRuleEdit,
    CrossSellTarget,
)
from catalog.models import Item, Product
from kit import clock
from kit.errors import Invalid, NotFound
from kit.ids import new_id

log = logging.getLogger(__name__)

MOST_TARGETS = 24
"""Goods that a rule names beside any one: those that sell best, then in the order of the shelf."""
MOST_MATCHES = 1_000_000
"""A rule that says more says nothing."""
_SIZE = re.compile(r"(\d{1,2})/0")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_FAMILY = re.compile(r"[a-z][a-z0-9_]*\*?|\*")
_SPEAK = text(
    "INSERT INTO crosssell_matches (rule, source)"
    " SELECT :rule, source FROM unnest(CAST(:sources AS text[])) AS source"
)
_NAME = text(
    """
    INSERT INTO crosssell_targets (rule, target)
    SELECT :rule, target
    FROM unnest(CAST(:targets AS text[])) WITH ORDINALITY AS side (target, place)
    LEFT JOIN crosssell_counts AS count ON count.sku = target AND count.model = (
        SELECT model FROM crosssell_switches ORDER BY id DESC LIMIT 1
    )
    ORDER BY coalesce(count.weight, 0) DESC, place LIMIT :most
    """
)
_PAIRS = text(
    """
    SELECT rule.id,
        (SELECT count(*) FROM crosssell_matches AS one WHERE one.rule = rule.id)
        * (SELECT count(*) FROM crosssell_targets AS other WHERE other.rule = rule.id)
        - (SELECT count(*) FROM crosssell_matches AS one JOIN crosssell_targets AS other
            ON other.rule = one.rule AND other.target = one.source WHERE one.rule = rule.id)
    FROM crosssell_rules AS rule
    """
)


@dataclass(frozen=True, slots=True)
class Side:
    """Goods of a family whose attribute lies between two limits; without attribute, all of them."""

    family: str
    attribute: str = ""
    low: str = ""
    high: str = ""

    def takes(self, family: str, attributes: Mapping[str, Any]) -> bool:
        """Tell whether an item is meant."""
        if not _in_family(self.family, family):
            return False
        if not self.attribute:
            return True
        sizes = bool(_SIZE.search(self.low + self.high))
        value, low, high = (
            measure(one, sizes=sizes)
            for one in (attributes.get(self.attribute), self.low, self.high or self.low)
        )
        if value is None or low is None or high is None:
            # Words, not measures: the attribute is what the rule says, or holds it.
            held = attributes.get(self.attribute)
            listed = held if isinstance(held, list) else [held]
            return self.low in [str(one) for one in listed]
        return low <= value <= high


@dataclass(frozen=True, slots=True)
class Rule:
    """What `source` goods need, or what fits them: `target` goods, and why."""

    kind: str
    source: Side
    target: Side
    reason_de: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """A stored rule, and how many pairs of SKUs it comes to."""

    id: uuid.UUID
    rule: Rule
    active: bool
    matches: int


def measure(value: object, *, sizes: bool = False) -> float | None:
    """Return an attribute's value as a number; None for words.

    Args:
        value: as stored or typed.
        sizes: whether whole numbers are hook sizes, which grow downwards.
    """
    plain = str(value or "").strip()
    size = _SIZE.fullmatch(plain)
    if size:
        return float(size[1])
    if _NUMBER.fullmatch(plain):
        number = float(plain.replace(",", "."))
        return 1 - number if sizes else number
    return None


def _in_family(wanted: str, family: str) -> bool:
    if wanted.endswith("*"):
        return family.startswith(wanted[:-1])
    return family == wanted


def put(session: Session, rule: Rule, *, actor: str, rule_id: uuid.UUID | None = None) -> uuid.UUID:
    """Make a rule, or change one; it counts at once.

    Raises:
        Invalid: ``rule_kind``, ``rule_family``, ``rule_limits``, ``text_missing``, or ``rule_wide``
            with the number of pairs.
        NotFound: ``crosssell_rule``.
    """
    _check(rule)
    values = _values(rule)
    row = session.get(CrossSellRule, rule_id) if rule_id else None
    if rule_id and row is None:
        raise NotFound("crosssell_rule", rule=str(rule_id))
    action = "changed" if row else "made"
    if row is None:
        row = CrossSellRule(id=new_id(), active=True, **values)
        session.add(row)
    else:
        for name, value in values.items():
            setattr(row, name, value)
    session.flush()
    _note(session, row, action, actor)
    _match(session, row)
    return row.id


def set_active(session: Session, rule_id: uuid.UUID, actor: str, *, active: bool) -> None:
    """Stop a rule, or let it count again.

    Raises:
        NotFound: ``crosssell_rule``.
    """
    row = session.get(CrossSellRule, rule_id)
    if row is None:
        raise NotFound("crosssell_rule", rule=str(rule_id))
    row.active = active
    session.flush()
    _note(session, row, "started" if active else "stopped", actor)
    _match(session, row)


def refresh(session: Session) -> int:
    """Match all rules with the goods as they are now; return how many pairs there are.

    A rule that has grown too wide with the goods keeps what it named before.
    """
    pairs = 0
    for row in session.scalars(select(CrossSellRule)).all():
        try:
            pairs += _match(session, row)
        except Invalid as error:
            log.warning("rule %s is not matched: %s", row.id, error)
    return pairs


def listed(session: Session) -> list[RuleView]:
    """Return all rules, those that count first."""
    counts = {rule: pairs for rule, pairs in session.execute(_PAIRS)}  # noqa: C416 - for mypy
    rows = select(CrossSellRule).order_by(CrossSellRule.active.desc(), CrossSellRule.id)
    return [
        RuleView(row.id, _rule(row), row.active, counts.get(row.id, 0))
        for row in session.scalars(rows)
    ]


def one(session: Session, rule_id: uuid.UUID) -> RuleView:
    """Return a rule.

    Raises:
        NotFound: ``crosssell_rule``.
    """
    row = session.get(CrossSellRule, rule_id)
    if row is None:
        raise NotFound("crosssell_rule", rule=str(rule_id))
    return RuleView(row.id, _rule(row), row.active, 0)


def history(session: Session, limit: int = 30) -> list[CrossSellRuleEdit]:
    """Return who changed rules, latest first."""
    rows = select(CrossSellRuleEdit).order_by(CrossSellRuleEdit.id.desc()).limit(limit)
    return list(session.scalars(rows))


def preview(session: Session, rule: Rule, limit: int = 12) -> tuple[list[str], list[str]]:
    """Return some SKUs of either side as the rule would match them.

    Raises:
        Invalid: as `put`.
    """
    _check(rule)
    sources, targets = _sides(session, rule)
    return sources[:limit], targets[:limit]


def families(session: Session) -> dict[str, list[str]]:
    """Return the families of goods with the attributes that their items have."""
    rows = session.execute(
        select(Product.family, Product.attributes.concat(Item.attributes))
        .join(Item, Item.product == Product.slug)
        .distinct()
    )
    found: dict[str, set[str]] = {}
    for family, attributes in rows:
        found.setdefault(family, set()).update(attributes)
    return {family: sorted(found[family]) for family in sorted(found)}


def examples(session: Session) -> dict[str, dict[str, str]]:
    """Return what says to people which goods a family means: its shortest name, per language."""
    shortest = (
        select(Product.family, Product.name_de, Product.name_en)
        .ext(distinct_on(Product.family))
        .order_by(Product.family, func.length(Product.name_de), Product.name_de)
    )
    return {
        family: {"de": german, "en": english or german}
        for family, german, english in session.execute(shortest)
    }


def consumed(session: Session) -> set[str]:
    """Return the families that are used up, and are offered again at once."""
    return set(session.scalars(select(CrossSellConsumed.family)))


def set_consumed(session: Session, names: set[str]) -> None:
    """Say which families are used up; the others are not."""
    session.execute(delete(CrossSellConsumed).where(CrossSellConsumed.family.not_in(names)))
    known = consumed(session)
    session.add_all(CrossSellConsumed(family=name) for name in sorted(names - known))
    session.flush()


def _check(rule: Rule) -> None:
    if rule.kind not in {"needs", "fits"}:
        raise Invalid("rule_kind", kind=rule.kind)
    for side in (rule.source, rule.target):
        if not _FAMILY.fullmatch(side.family):
            raise Invalid("rule_family", family=side.family)
        if side.attribute and not side.low:
            raise Invalid("rule_limits", attribute=side.attribute)
        if any(len(getattr(side, field.name)) > 32 for field in fields(side)):  # noqa: PLR2004
            raise Invalid("rule_limits", attribute=side.attribute)
    checks.texts("rule", {"reason_de": rule.reason_de, "reason_en": rule.reason_en}, "reason")


def _values(rule: Rule) -> dict[str, str]:
    sides = {
        f"{name}_{field}": value
        for name, side in (("source", rule.source), ("target", rule.target))
        for field, value in asdict(side).items()
    }
    return {
        "kind": rule.kind, "reason_de": rule.reason_de, "reason_en": rule.reason_en, **sides,
    }  # fmt: skip


def _rule(row: CrossSellRule) -> Rule:
    source, target = (
        Side(*(getattr(row, f"{name}_{field.name}") for field in fields(Side)))
        for name in ("source", "target")
    )
    return Rule(row.kind, source, target, row.reason_de, row.reason_en)


def _note(session: Session, row: CrossSellRule, action: str, actor: str) -> None:
    session.add(
        CrossSellRuleEdit(
            rule=row.id,
            action=action,
            facts=_values(_rule(row)),
            actor=actor,
            edited_at=clock.now(),
        )
    )
    session.flush()


def _match(session: Session, row: CrossSellRule) -> int:
    """Write down of which goods a rule speaks, and which it names."""
    sources, targets = _sides(session, _rule(row)) if row.active else ([], [])
    pairs = len(sources) * min(MOST_TARGETS, len(targets))
    if pairs > MOST_MATCHES:
        raise Invalid("rule_wide", pairs=pairs, most=MOST_MATCHES)
    for table in (CrossSellMatch, CrossSellTarget):
        session.execute(delete(table).where(table.rule == row.id))
    session.execute(_SPEAK, {"rule": row.id, "sources": sources})
    session.execute(_NAME, {"rule": row.id, "targets": targets, "most": MOST_TARGETS})
    return pairs


def _sides(session: Session, rule: Rule) -> tuple[list[str], list[str]]:
    rows = session.execute(
        select(Item.sku, Product.family, Product.attributes.concat(Item.attributes))
        .join(Product, Product.slug == Item.product)
        .where(Item.sellable, or_(*(_of_family(side) for side in (rule.source, rule.target))))
        .order_by(Product.position, Item.position, Item.sku)
    ).all()
    sources, targets = (
        [sku for sku, family, attributes in rows if side.takes(family, attributes)]
        for side in (rule.source, rule.target)
    )
    return sources, targets


def _of_family(side: Side) -> ColumnElement[bool]:
    if side.family.endswith("*"):
        return Product.family.startswith(side.family[:-1], autoescape=True)
    return Product.family == side.family
