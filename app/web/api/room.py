"""The room of tills: its blueprint, and which till is asking."""

from flask import Response, g, request

from app.identity import devices
from app.identity.models import Device
from app.web.api.arguments import DeviceBlueprint
from kit.database import reading
from kit.errors import Forbidden

blueprint = DeviceBlueprint(
    "pos_api",
    __name__,
    url_prefix="/api/pos/v1",
    description="Tills: look up, quote, sell, take back, count.",
)
# A browser that is to become a till has no token yet.
_WITHOUT_TOKEN = {"pos_api.Pairings"}


@blueprint.before_request
def _who() -> None:
    if request.endpoint in _WITHOUT_TOKEN:
        return
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Forbidden("device_token")
    with reading() as session:
        g.device = devices.by_token(session, token.strip())


@blueprint.after_request
def _name_the_scheme(answer: Response) -> Response:
    # RFC 9110, section 15.5.2: a 401 says which proof is wanted.
    if answer.status_code == 401:  # noqa: PLR2004 - the code is its own name
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def device_of_request() -> Device:
    """Return the till that is asking."""
    device: Device = g.device
    return device


def till_key() -> str:
    """Return by what requests of a till are counted."""
    return f"till/{device_of_request().code}" if "device" in g else request.remote_addr or ""
