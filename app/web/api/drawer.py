"""The drawer of a till: sessions, counts, cash that people move, baskets that wait."""

from dataclasses import asdict
from typing import Any

from flask.views import MethodView

from app.tills import parked
from app.tills.models import ParkedSale
from app.tills.sessions import Closing, Opening
from app.web.api import session_schemas as schemas
from app.web.api.room import blueprint, device_of_request
from app.workflows.till import drawers
from app.workflows.till.drawers import Movement
from kit.database import reading, transaction

_ID = {
    "in": "path",
    "description": "the till's own id",
    "schema": {"type": "string", "maxLength": 64, "minLength": 8, "pattern": "^[0-9A-Za-z._:-]+$"},
}
_SESSION = {**_ID, "name": "session_id"}
_PARKED = {**_ID, "name": "parked_id"}


@blueprint.route("/sessions")
class Sessions(MethodView):
    """Drawers."""

    @blueprint.secured
    @blueprint.arguments(schemas.SessionRequestSchema)
    @blueprint.response(200, schemas.SessionSchema)
    @blueprint.doc(operationId="open_session")
    @blueprint.problem(409, "`session_open` (with `session_id`): close that one first")
    @blueprint.problem(422, "`malformed` (see `fields`) or `session_id_reused`")
    def post(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Open a drawer with its float."""
        report, repeated = drawers.open_(device_of_request(), Opening(**asked))
        return {**asdict(report), "repeated": repeated}


@blueprint.route("/sessions/<session_id>", parameters=[_SESSION])
class OneSession(MethodView):
    """A drawer as its books stand."""

    @blueprint.secured
    @blueprint.response(200, schemas.SessionSchema)
    @blueprint.doc(operationId="session")
    @blueprint.problem(404, "`session`: not one of this till")
    def get(self, session_id: str) -> dict[str, Any]:
        """Report on a session: X while it is open, Z once it is closed."""
        with reading() as session:
            report = drawers.report(session, device_of_request(), session_id)
        return {**asdict(report), "repeated": False}


@blueprint.route("/sessions/<session_id>/closing", parameters=[_SESSION])
class SessionClosing(MethodView):
    """The count of a drawer."""

    @blueprint.secured
    @blueprint.arguments(schemas.ClosingRequestSchema)
    @blueprint.response(200, schemas.SessionSchema)
    @blueprint.doc(operationId="close_session")
    @blueprint.problem(404, "`session`: not one of this till")
    @blueprint.problem(422, "`malformed` (see `fields`) or `closing_reused`: counted before")
    def post(self, asked: dict[str, Any], session_id: str) -> dict[str, Any]:
        """Close a session by its count; the difference is booked, and the Z report answered.

        While a receipt before the last one is missing, its state is `waiting`; it closes by itself.
        """
        asked["last_number"] = asked.pop("last_receipt_number")
        report, repeated = drawers.close(device_of_request(), session_id, Closing(**asked))
        return {**asdict(report), "repeated": repeated}


@blueprint.route("/cash-movements")
class CashMovements(MethodView):
    """Cash that people put in or take out."""

    @blueprint.secured
    @blueprint.arguments(schemas.MovementRequestSchema)
    @blueprint.response(200, schemas.MovedSchema)
    @blueprint.doc(operationId="move_cash")
    @blueprint.problem(
        422, "`malformed` (see `fields`), `cash_amount`: the wrong way, or `movement_id_reused`"
    )
    def post(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Book cash into the drawer or out of it."""
        return drawers.move_cash(device_of_request(), Movement(**asked))


def _parked(row: ParkedSale, *, repeated: bool = False) -> dict[str, Any]:
    facts = ("parked_id", "name", "device", "cashier", "parked_at", "document")
    return {**{fact: getattr(row, fact) for fact in facts}, "repeated": repeated}


@blueprint.route("/parked")
class Parked(MethodView):
    """Baskets that wait."""

    @blueprint.secured
    @blueprint.arguments(schemas.ParkRequestSchema)
    @blueprint.response(200, schemas.ParkedSchema)
    @blueprint.doc(operationId="park")
    @blueprint.problem(422, "`malformed` (see `fields`), `document` or `parked_id_reused`")
    def post(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Let a basket wait; every till of the location may take it up."""
        with transaction() as session:
            row, repeated = parked.park(
                session,
                device_of_request(),
                asked["parked_id"],
                asked["document"],
                name=asked["name"],
                cashier=asked["cashier"],
            )
        return _parked(row, repeated=repeated)

    @blueprint.secured
    @blueprint.response(200, schemas.AllParkedSchema)
    @blueprint.doc(operationId="parked")
    def get(self) -> dict[str, Any]:
        """List what waits at this location, oldest first."""
        with reading() as session:
            rows = parked.waiting(session, device_of_request().location)
        return {"parked": [_parked(row) for row in rows]}


@blueprint.route("/parked/<parked_id>", parameters=[_PARKED])
class OneParked(MethodView):
    """A basket that waits."""

    @blueprint.secured
    @blueprint.response(200, schemas.ParkedSchema)
    @blueprint.doc(operationId="take_up")
    @blueprint.problem(404, "`parked`: unknown here, or another till has taken it up")
    def delete(self, parked_id: str) -> dict[str, Any]:
        """Take a basket up: it waits no more."""
        with transaction() as session:
            return _parked(parked.take(session, device_of_request(), parked_id))
