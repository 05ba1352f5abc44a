"""The floor's blueprint and who works where; every view of the room imports it."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.web import words
from app.workflows.floor import Worker
from fulfilment.models import Location
from fulfilment.places import locations
from kit.database import reading
from kit.errors import KontorError, NotFound

blueprint = Blueprint("floor", __name__)


def place(session: Session) -> Location:
    """Return where the signed-in person works.

    Staff of one location work there and nowhere else; the back office chooses by ``?place=``.

    Raises:
        NotFound: ``location``.
    """
    places = locations.by_code(session)
    code = current_user.location or request.values.get("place") or next(iter(places), "")
    if code not in places:
        raise NotFound("location", location=code)
    return places[code]


def worker(session: Session) -> Worker:
    """Return who is at work, for the workflows."""
    return Worker(current_user.name, place(session).code)


def at_work() -> Worker:
    """Return who is at work, where no session is open yet."""
    with reading() as session:
        return worker(session)


def chosen_place() -> dict[str, str]:
    """Return the ``place`` of the address, for those who choose it; every link takes it along."""
    chosen = request.values.get("place")
    return {"place": chosen} if chosen else {}


def to(endpoint: str, **values: object) -> Response:
    """Go to a page of the floor at the same place."""
    return redirect(url_for(f"floor.{endpoint}", **values, **chosen_place()), 303)


def tell(error: KontorError) -> None:
    """Say what is wrong; what is not of this place is no page of this person's.

    Raises:
        KontorError: `error` itself, where it is about another place's order.
    """
    if error.code in {"fulfilment_order", "location", "parcel", "wave"}:
        raise error
    flash(words.of_error(error), "danger")


def attempt(act: Callable[[Worker], str]) -> bool:
    """Do a step and say what came of it; tell whether it went well."""
    who = at_work()
    try:
        done = act(who)
    except KontorError as error:
        tell(error)
        return False
    flash(done, "ok")
    return True
