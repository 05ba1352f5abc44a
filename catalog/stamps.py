"""What is on sale, as a version: whoever keeps what they read sees by it that something changed.

1. A stamp in the database changes with every change of goods, prices, texts or promotions, in the
   same transaction, by triggers on the tables: nobody has to remember it.
2. What changes by itself, a price or a promotion whose time has come, is known beforehand: the
   version counts the instants that have passed.
3. `kept` keeps an answer for as long as the version is the same, per process.
"""

import threading
import uuid
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar, cast

from sqlalchemy import CheckConstraint, CompoundSelect, select, union
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalog.models import Price
from catalog.promotion_models import Promotion
from kit import clock
from kit.database import Row

CHANGED = "(SELECT stamp FROM catalog_stamps WHERE id = 1)"
"""The stamp as a term of SQL, for those who ask for several things at once."""
MOST_KEPT = 500
_READ_HERE = "catalog version read here"
_ABOUT_NOW = timedelta(seconds=1)
UNSEEN = frozenset(
    {
        "catalog_imports",
        "catalog_stamps",
        "promotion_uses",
        "search_misses",
        "shopper_questions",
        "synonym_edits",
    }
)
"""Tables of the catalog that no page of goods shows."""

T = TypeVar("T")


class CatalogStamp(Row):
    """The one row that changes with everything that pages of goods show."""

    __tablename__ = "catalog_stamps"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stamp: Mapped[uuid.UUID]


@dataclass(frozen=True, slots=True)
class Version:
    """What is on sale as of an instant. Equal versions: the same goods, texts and prices."""

    stamp: str
    passed: int


@dataclass(frozen=True)
class _Schedule:
    """The instants after `since` at which prices or promotions begin or end, as of one stamp."""

    stamp: str
    since: datetime
    instants: list[datetime]


class _Kept:
    """What this process keeps, all of one version."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.schedule: _Schedule | None = None
        self.version: Version | None = None
        self.answers: OrderedDict[Hashable, object] = OrderedDict()


_kept = _Kept()
_seen: ContextVar[Version | None] = ContextVar("catalog_version", default=None)


def version(session: Session, stamp: str | None = None) -> Version:
    """Return the version as of now.

    Args:
        session: any session.
        stamp: as read a moment ago; None reads it.
    """
    current = stamp or str(session.scalar(select(CatalogStamp.stamp)))
    return _version(current, clock.now()) or _read_schedule(session, current)


def known_version(stamp: str) -> Version | None:
    """Return the version of a stamp without asking the database, if this process knows it."""
    return _version(stamp, clock.now())


def _version(stamp: str, now: datetime) -> Version | None:
    known = _kept.schedule
    if known is None or known.stamp != stamp or now < known.since:
        return None
    return Version(f"{stamp}/{known.since.timestamp()}", bisect_right(known.instants, now))


def _read_schedule(session: Session, stamp: str) -> Version:
    since = clock.now()
    price, offer = Price.valid_from, Promotion
    ahead: CompoundSelect[datetime] = union(
        select(price.label("at")).where(price > since),
        select(offer.starts_at).where(offer.starts_at > since),
        select(offer.ends_at).where(offer.ends_at > since),
    )
    instants = sorted(session.scalars(ahead))
    _kept.schedule = _Schedule(stamp, since, instants)
    return Version(f"{stamp}/{since.timestamp()}", 0)


def remember(seen: Version | None) -> None:
    """Take a version for the one that holds, in this thread: pages look once, at their beginning.

    None: look again, because something was changed here.
    """
    _seen.set(seen)


def read_here(session: Session, stamp: str) -> None:
    """Let a transaction use what is kept of the version that it has read itself a moment ago.

    Only for one that changes nothing of the catalog before it has read what it needs.
    """
    session.info[_READ_HERE] = version(session, stamp)


def as_page(session: Session) -> None:
    """Let a transaction use what the page before it showed: it decides nothing by what it reads."""
    session.info[_READ_HERE] = _seen.get()


def usable(session: Session, at: datetime) -> Version | None:
    """Return the version whose answers this session may use for an instant; None: ask afresh.

    Pages use the one that was seen at their beginning, transactions only one of their own.
    """
    if abs(clock.now() - at) > _ABOUT_NOW:
        return None
    if session.info.get("reading"):
        return _seen.get()
    found: Version | None = session.info.get(_READ_HERE)
    return found


def kept(session: Session, key: Hashable, make: Callable[[], T]) -> T:
    """Return what `make` makes, from memory where nothing on sale has changed since.

    Only for pages, and transactions that have read the version themselves (`read_here`): any other
    one that may write reads everything as it is.

    Args:
        session: the session that `make` reads with.
        key: tells this answer from all others.
        make: asks the database; what it returns is never changed afterwards.
    """
    reading = session.info.get("reading")
    seen: Version | None = session.info.get(_READ_HERE)
    if reading:
        seen = _seen.get() or version(session)
    if seen is None:
        return make()
    with _kept.lock:
        if _kept.version != seen:
            _kept.answers.clear()
            _kept.version = seen
        elif key in _kept.answers:
            _kept.answers.move_to_end(key)
            return cast("T", _kept.answers[key])
    made = make()
    with _kept.lock:
        if _kept.version == seen:
            _kept.answers[key] = made
            while len(_kept.answers) > MOST_KEPT:
                _kept.answers.popitem(last=False)
    return made
