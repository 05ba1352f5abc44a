"""The programming interface, described at /api/openapi.json; problems as RFC 9457 says."""

from flask import Flask
from flask_smorest import Api

from app.web.api import cards, counters, drawer, offers, pos, printed, sales, setup  # noqa: F401 - they add their routes to the room
from app.web.api.room import blueprint
from app.web.api.schemas import ProblemSchema
from app.web.session import csrf


class _Api(Api):  # type: ignore[misc]
    """flask-smorest without its own error pages: `app.web.errors` has the one map."""

    ERROR_SCHEMA = ProblemSchema
    # Every operation names its refusals; a default would promise what nobody has decided.
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        pass


def init(app: Flask) -> None:
    """Register every API blueprint and the description."""
    app.config.update(
        API_TITLE="Kontor",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {
                "description": "What tills and other programs use. Money is integer minor units"
                " (cents), prices are gross; instants are ISO 8601 with an offset.",
            },
            "components": {
                "securitySchemes": {
                    "device": {
                        "type": "http",
                        "scheme": "bearer",
                        "description": "token of an enrolled device",
                    }
                }
            },
        },
    )
    api = _Api(app)
    api.register_blueprint(blueprint)
    # A device proves itself by its token, not by a cookie: there is nothing to forge.
    csrf.exempt(blueprint)
