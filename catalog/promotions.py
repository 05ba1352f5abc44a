"""Promotions: make and end them, find those in force; `promotion_uses` counts them."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog import stamps
from catalog.promotion_models import Promotion, rule_of
from catalog.promotion_sums import Rule
from catalog.promotion_uses import used, used_up
from kit import clock
from kit.errors import Invalid, NotFound, Refused
from kit.ids import reference

KINDS = ("percent", "amount", "buy_get")
CHANNELS = ("web", "till", "phone")
LONGEST_CODE = 32
MOST_MINOR = 10_000_000
MOST_UNITS = 100
WHOLE = 10_000
_by_ref = attrgetter("ref")
_CODE = re.compile(r"[A-Z0-9ÄÖÜ-]{3,32}")


@dataclass(frozen=True)
class Offer:
    """A promotion as somebody makes it: a rule, and for whom, where, when and how often it is.

    `rule.ref` is given by `create`. Empty `channels` and `price_groups` mean all. A limit per
    customer makes it one for customers with a number.
    """

    rule: Rule
    starts_at: datetime
    ends_at: datetime | None = None
    channels: frozenset[str] = frozenset()
    price_groups: frozenset[str] = frozenset()
    code: str | None = None
    limit_total: int | None = None
    limit_per_customer: int | None = None


@dataclass(frozen=True)
class Made:
    """A promotion as it stands in the books, and how often it was used."""

    offer: Offer
    created_by: str
    created_at: datetime
    ended_by: str | None
    used: int

    @property
    def ref(self) -> str:
        """Its reference."""
        return self.offer.rule.ref


@dataclass(frozen=True)
class Asking:
    """For whom and where prices are asked. `channel` None: only what holds on every channel."""

    price_group: str
    customer_number: str | None = None
    channel: str | None = None
    code: str | None = None


def normal_code(typed: str) -> str:
    """Return a code as it is stored: capitals, without blanks.

    Raises:
        Invalid: ``promotion_code``: not 3 to 32 letters, digits and hyphens.
    """
    code = "".join(typed.split()).upper()
    if not _CODE.fullmatch(code):
        raise Invalid("promotion_code", typed=typed[:LONGEST_CODE])
    return code


def check(offer: Offer) -> None:
    """Pass a promotion that makes sense.

    Raises:
        Invalid: ``promotion`` with the names of the fields that are missing or wrong.
    """
    rule = offer.rule
    wrong = [name for name in ("name_de", "name_en") if not getattr(rule, name).strip()]
    if rule.kind not in KINDS:
        wrong.append("kind")
    if rule.kind in {"percent", "buy_get"} and not 0 < rule.basis_points <= WHOLE:
        wrong.append("basis_points")
    if rule.kind == "amount" and not 0 < rule.amount_minor <= MOST_MINOR:
        wrong.append("amount_minor")
    if rule.kind == "buy_get":
        units = {"buy_units": rule.buy_units, "get_units": rule.get_units}
        wrong += [name for name, value in units.items() if not 0 < value <= MOST_UNITS]
    if not 0 <= rule.min_minor <= MOST_MINOR:
        wrong.append("min_minor")
    if not offer.channels <= set(CHANNELS):
        wrong.append("channels")
    if offer.ends_at is not None and offer.ends_at <= offer.starts_at:
        wrong.append("ends_at")
    limits = {"limit_total": offer.limit_total, "limit_per_customer": offer.limit_per_customer}
    wrong += [name for name, value in limits.items() if value is not None and value < 1]
    if wrong:
        raise Invalid("promotion", fields=wrong)


def create(session: Session, offer: Offer, *, actor: str) -> str:
    """Make a promotion and return its reference.

    Raises:
        Invalid: as `check` and `normal_code`.
        Refused: ``promotion_code_taken``: a code stands for one promotion, for ever.
    """
    check(offer)
    rule = offer.rule
    code = normal_code(offer.code) if offer.code else None
    row = insert(Promotion).values(
        ref=reference("A"),
        name_de=rule.name_de.strip(),
        name_en=rule.name_en.strip(),
        kind=rule.kind,
        basis_points=rule.basis_points,
        amount_minor=rule.amount_minor,
        buy_units=rule.buy_units,
        get_units=rule.get_units,
        channels=sorted(offer.channels),
        skus=sorted(rule.skus),
        categories=sorted(rule.categories),
        brands=sorted(rule.brands),
        price_groups=sorted(offer.price_groups),
        min_minor=rule.min_minor,
        code=code,
        limit_total=offer.limit_total,
        limit_per_customer=offer.limit_per_customer,
        stackable=rule.stackable,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        created_by=actor,
        created_at=clock.now(),
    )
    added = row.on_conflict_do_nothing(index_elements=["code"]).returning(Promotion.ref)
    ref = session.scalar(added)
    if ref is None:
        raise Refused("promotion_code_taken", promotion_code=code)
    return ref


def end(session: Session, ref: str, *, actor: str) -> None:
    """End a promotion now; one that has not begun never begins, one that is over stays as it was.

    Raises:
        NotFound: ``promotion``.
    """
    row = session.get(Promotion, ref, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("promotion", ref=ref)
    now = clock.now()
    if row.ends_at is None or row.ends_at > now:
        row.ends_at = max(row.starts_at, now)
        row.ended_by = actor
        session.flush()


def in_force(session: Session, asking: Asking, at: datetime) -> list[Rule]:
    """Return the promotions that may apply for somebody at a moment, with one query, or two.

    Args:
        session: any session.
        asking: whose prices, where, with which code; a code that nothing stands for is no error.
        at: the moment, aware.
    """
    found = _on(session, Promotion.code.is_(None), at)
    if asking.code is not None:
        found = sorted([*found, *_asked(session, Promotion.code == asking.code, at)], key=_by_ref)
    rows = [row for row in found if _is_for(row, asking)]
    limited = [row for row in rows if row.limit_total or row.limit_per_customer]
    counted = used(session, [row.ref for row in limited], asking.customer_number) if limited else {}
    return [rule_of(row) for row in rows if not used_up(row, counted.get(row.ref, (0, 0)))]


def _on(session: Session, whose: ColumnElement[bool], at: datetime) -> list[Promotion]:
    """Return promotions that are on, from memory where the catalog is known to be the same."""
    if stamps.usable(session, at) is None:
        return _asked(session, whose, at)
    return stamps.kept(session, "promotions without a code", lambda: _asked(session, whose, at))


def _asked(session: Session, whose: ColumnElement[bool], at: datetime) -> list[Promotion]:
    query = select(Promotion).where(
        Promotion.starts_at <= at, or_(Promotion.ends_at.is_(None), Promotion.ends_at > at), whose
    )
    rows = list(session.scalars(query.order_by(Promotion.ref)))
    for row in rows:
        # They outlive the session, whose rollback would take their values with it.
        session.expunge(row)
    return rows


def during(
    session: Session, asking: Asking, since: datetime, until: datetime
) -> list[tuple[Rule, datetime, datetime | None]]:
    """Return the promotions for somebody that were on at any moment of a span, with their spans.

    Whether a limit was used up meanwhile is not asked: a price counts as asked for once it was
    announced (PAngV section 11).
    """
    query = select(Promotion).where(
        Promotion.code.is_(None),
        Promotion.starts_at <= until,
        or_(Promotion.ends_at.is_(None), Promotion.ends_at > since),
    )
    rows = session.scalars(query.order_by(Promotion.ref))
    return [(rule_of(row), row.starts_at, row.ends_at) for row in rows if _is_for(row, asking)]


def by_code(session: Session, typed: str, at: datetime) -> Rule:
    """Return the promotion behind a code that somebody typed.

    Raises:
        Invalid: ``promotion_code``.
        NotFound: ``promotion_code``.
        Refused: ``promotion_early``, ``promotion_over`` or ``promotion_used_up``.
    """
    code = normal_code(typed)
    row = session.scalar(select(Promotion).where(Promotion.code == code))
    if row is None:
        raise NotFound("promotion_code", promotion_code=code)
    if row.starts_at > at:
        raise Refused("promotion_early", starts_at=row.starts_at.isoformat())
    if row.ends_at is not None and row.ends_at <= at:
        raise Refused("promotion_over", ended_at=row.ends_at.isoformat())
    total, _ = used(session, [row.ref], None).get(row.ref, (0, 0))
    if row.limit_total is not None and total >= row.limit_total:
        raise Refused("promotion_used_up", promotion=row.ref)
    return rule_of(row)


def names(session: Session, refs: Collection[str]) -> dict[str, Rule]:
    """Return promotions by reference, whether they are in force or not; unknown ones are left out.

    Args:
        session: any session.
        refs: as a receipt or an order's line names them.
    """
    if not refs:
        return {}
    rows = session.scalars(select(Promotion).where(Promotion.ref.in_(refs)))
    return {row.ref: rule_of(row) for row in rows}


def listed(session: Session) -> list[Made]:
    """Return all promotions with how often each was used, the newest first."""
    rows = session.scalars(select(Promotion).order_by(Promotion.created_at.desc(), Promotion.ref))
    found = list(rows)
    counted = used(session, [row.ref for row in found], None)
    return [_made(row, counted.get(row.ref, (0, 0))[0]) for row in found]


def _is_for(row: Promotion, asking: Asking) -> bool:
    return (
        (not row.channels or asking.channel in row.channels)
        and (not row.price_groups or asking.price_group in row.price_groups)
        and (row.limit_per_customer is None or asking.customer_number is not None)
    )


def _made(row: Promotion, times: int) -> Made:
    offer = Offer(
        rule=rule_of(row),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        channels=frozenset(row.channels),
        price_groups=frozenset(row.price_groups),
        code=row.code,
        limit_total=row.limit_total,
        limit_per_customer=row.limit_per_customer,
    )
    return Made(offer, row.created_by, row.created_at, row.ended_by, times)
