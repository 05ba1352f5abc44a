"""The shop's clock: one place that says what time it is, and that a demo or a test can move.

Instants are timezone-aware UTC; calendar days are those of the shop (Europe/Berlin). Signatures,
tokens and one-time passwords use real time (`time.time()`), never this clock: they are checked by
parties that know nothing of a moved one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from kit.database import Row

BERLIN = ZoneInfo("Europe/Berlin")


OFFSET = "coalesce((SELECT offset_seconds FROM shop_clock WHERE id = 1), 0)"
"""The stored offset as a term of SQL, for those who ask for several things at once."""


class ShopClock(Row):
    """The one row that says how far the shop's clock is from real time."""

    __tablename__ = "shop_clock"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    offset_seconds: Mapped[float]


class _Clock:
    """The state of this process's clock; `offset` is what a moved clock adds to real time."""

    def __init__(self) -> None:
        self.offset = timedelta()
        self.frozen: datetime | None = None


_clock = _Clock()


def now() -> datetime:
    """Return the shop's instant, UTC."""
    return _clock.frozen or datetime.now(UTC) + _clock.offset


def today() -> date:
    """Return the shop's calendar day in Berlin."""
    return now().astimezone(BERLIN).date()


def berlin(instant: datetime) -> datetime:
    """Return the same instant with Berlin's wall-clock time."""
    return instant.astimezone(BERLIN)


def is_moved() -> bool:
    """Tell whether the shop's clock differs from real time by more than a second."""
    return _clock.frozen is not None or abs(_clock.offset) > timedelta(seconds=1)


@contextmanager
def frozen(instant: datetime) -> Iterator[None]:
    """Hold the clock at `instant` (UTC or any aware zone) for the block; for tests and replays."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    before = _clock.frozen
    _clock.frozen = instant.astimezone(UTC)
    try:
        yield
    finally:
        _clock.frozen = before


def move_to(session: Session, instant: datetime) -> None:
    """Store the offset that makes it `instant` now, for every process of this shop.

    Args:
        session: an open transaction; the other processes see the move after its commit.
        instant: aware; the shop's clock runs on from here at normal speed.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    _clock.offset = instant.astimezone(UTC) - datetime.now(UTC)
    row = insert(ShopClock).values(id=1, offset_seconds=_clock.offset.total_seconds())
    session.execute(
        row.on_conflict_do_update(
            index_elements=["id"], set_={"offset_seconds": row.excluded.offset_seconds}
        )
    )


def refresh(session: Session) -> None:
    """Take over the stored offset; web requests and jobs call it before they read the time."""
    seconds = session.scalar(select(ShopClock.offset_seconds).where(ShopClock.id == 1))
    take_over(seconds or 0)


def take_over(offset_seconds: float) -> None:
    """Take over an offset that was read a moment ago, with something else."""
    _clock.offset = timedelta(seconds=offset_seconds)
