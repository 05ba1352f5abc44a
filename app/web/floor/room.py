"""The floor's blueprint and who works where; every view of the room imports it."""

from flask import Blueprint, request
from flask_login import current_user
from sqlalchemy.orm import Session

from app.workflows.floor import Worker
from fulfilment.models import Location
from fulfilment.places import locations
from kit.errors import NotFound

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
