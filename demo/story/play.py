"""The whole Wednesday, in order."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from demo.story import cast
from demo.story.afterwards import Afterwards
from demo.story.parcels import Parcels
from demo.story.shopping import Ordered, Shopping
from demo.story.shortage import Shortage
from demo.story.stage import NotRunningError, Stage
from demo.story.telling import Teller, same
from demo.story.windows import PHONE, Windows

_BERLIN = ZoneInfo("Europe/Berlin")
_WEDNESDAY = 2
_OPENING = time(12, 30)
# Bonn sends what is picked before 16:00; the story needs a quarter of an hour at most.
_LATEST = time(15, 45)


def prepare(stage: Stage, teller: Teller, *, move_clock: bool) -> None:
    """Bring the stage back to what the seed offers, and make sure that there is time left today.

    Raises:
        NotRunningError: it is too late in the shop's day, and its clock shall not be moved.
    """
    now = stage.now().astimezone(_BERLIN)
    if not _in_time(now):
        if not move_clock:
            raise NotRunningError(
                f"in the shop it is {now:%A %d %B, %H:%M}: too late for Bonn to send today."
                ' `make story ARGS="--move-clock"` moves its clock on to the next Wednesday, 12:30.'
            )
        stage.flask("clock", "set", _next_wednesday(now).isoformat())
        now = stage.now().astimezone(_BERLIN)
    said = stage.flask("demo", "restage").splitlines()
    teller.say(
        f"{now:%A %d %B %Y, %H:%M} in the shop; brought back: {', '.join(said) or 'nothing'}"
    )


def _in_time(now: datetime) -> bool:
    return now.weekday() == _WEDNESDAY and _OPENING <= now.time() < _LATEST


def _next_wednesday(now: datetime) -> datetime:
    days = (_WEDNESDAY - now.weekday()) % 7
    day = datetime.combine(now.date() + timedelta(days=days), _OPENING, _BERLIN)
    return day if day > now else day + timedelta(days=7)


def shop(
    stage: Stage, windows: Windows, teller: Teller, *, size: tuple[int, int], scripts: bool = True
) -> tuple[Shopping, Ordered]:
    """Play the first chapter up to the payment page."""
    teller.chapter("On the way to lunch, with the telephone")
    page = windows.open(size, java_script_enabled=scripts)
    shopping = Shopping(page, stage, teller, windows.look, cast.herr_mueller(), scripts=scripts)
    friday = stage.now().astimezone(_BERLIN).date() + timedelta(days=2)
    return shopping, shopping.until_payment(friday)


def play(
    stage: Stage,
    windows: Windows,
    teller: Teller,
    *,
    size: tuple[int, int] = PHONE,
    contact_by: str = "call",
) -> Ordered:
    """Play all of it.

    Args:
        stage: the running demo, prepared.
        windows: where the browser's windows come from.
        teller: who is told each step.
        size: of Herr Müller's window.
        contact_by: ``call`` or ``mail``: how he wants to hear of changes.

    Raises:
        NotAsToldError: at the first thing that is not as told.
    """
    shopper = cast.herr_mueller(contact_by)
    teller.chapter("On the way to lunch, with the telephone")
    page = windows.open(size)
    shopping = Shopping(page, stage, teller, windows.look, shopper)
    friday = stage.now().astimezone(_BERLIN).date() + timedelta(days=2)
    order = shopping.until_payment(friday)
    shopping.pay(order)
    teller.chapter("In the warehouse the shelf is empty")
    after = Afterwards(windows, stage, teller, order, shopper)
    points = after.points()
    picker, desk = Shortage(windows, stage, teller, order, shopper, page).play()
    teller.chapter("Two parcels leave")
    card = Parcels(windows, stage, teller, order, page, desk).play(picker)
    teller.chapter("And afterwards")
    after.play(card, points)
    same(windows.errors, [], "script errors on the pages")
    return order
