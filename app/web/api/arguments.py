"""How the endpoint reads what is posted, and how it says what is wrong with it."""

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import marshmallow
from flask import Request
from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser

from app.web.api.schemas import ProblemSchema
from kit.errors import Invalid

PROBLEM = "application/problem+json"
UNAUTHORIZED = "no token, an unknown or a revoked one"


class _Parser(FlaskParser):
    """webargs, with the house's own errors: `app.web.errors` has the one map to answers."""

    def handle_error(
        self, error: marshmallow.ValidationError, *_args: Any, **_options: Any
    ) -> NoReturn:
        """Name every wrong field by its place in the document."""
        messages: Any = error.messages
        raise Invalid("malformed", fields=dict(_flat(messages.get("json", messages)))) from error

    def _handle_invalid_json_error(
        self, error: Exception, req: Request, *_args: Any, **_options: Any
    ) -> NoReturn:
        raise Invalid("malformed", fields={"": ["Not JSON in UTF-8."]}) from error


def _flat(messages: Any, place: str = "") -> Iterator[tuple[str, list[str]]]:
    """Turn nested messages into ``("lines.0.quantity", ["Must be …"])``."""
    if not isinstance(messages, Mapping):
        yield place, messages if isinstance(messages, list) else [str(messages)]
        return
    for name, deeper in messages.items():
        # `_schema` is marshmallow's name for the object as a whole.
        step = "" if name == "_schema" else str(name)
        yield from _flat(deeper, f"{place}.{step}".strip("."))


class DeviceBlueprint(Blueprint):  # type: ignore[misc]
    """A blueprint whose operations want a device token and answer problems as RFC 9457 says."""

    ARGUMENTS_PARSER = _Parser()

    def problem(self, status: int, description: str) -> Any:
        """Describe a refusal of an operation (decorator)."""
        return self.alt_response(
            status, schema=ProblemSchema, description=description, content_type=PROBLEM
        )

    def secured(self, view: Any) -> Any:
        """Describe that an operation wants a device token (decorator)."""
        return self.doc(security=[{"device": []}])(self.problem(401, UNAUTHORIZED)(view))
