"""The one map from errors to answers: problem+json (RFC 9457) for programs, a page for people."""

import logging
from http import HTTPStatus

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from app.payments.gateway import OutcomeUnknown
from app.web import words
from kit.errors import Forbidden, Invalid, KontorError, NotFound, Refused

log = logging.getLogger(__name__)

STATUS: dict[type[KontorError], HTTPStatus] = {
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    Refused: HTTPStatus.CONFLICT,
    Forbidden: HTTPStatus.FORBIDDEN,
    OutcomeUnknown: HTTPStatus.SERVICE_UNAVAILABLE,
}
# Who shows no valid credentials is asked for them; who may not is told so.
_UNAUTHENTICATED = {"device_token", "sign_in", "pin"}


def init(app: Flask) -> None:
    """Answer every error of the application in the caller's form."""
    app.register_error_handler(KontorError, _known)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(DataError, _no_text)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def status_of(error: KontorError) -> HTTPStatus:
    """Return the status code that an error is answered with."""
    if isinstance(error, Forbidden) and error.code in _UNAUTHENTICATED:
        return HTTPStatus.UNAUTHORIZED
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))


def problem(status: int, code: str, title: str, **facts: object) -> Response:
    """Return an RFC 9457 answer; `facts` become extension members."""
    answer = jsonify(type=f"about:blank#{code}", title=title, status=status, code=code, **facts)
    answer.status_code = status
    answer.content_type = "application/problem+json"
    return answer


def _wants_json() -> bool:
    return request.path.startswith(("/api/", "/webhooks/")) or (
        request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


def _answer(status: int, code: str, title: str, **facts: object) -> Response | tuple[str, int]:
    if _wants_json():
        return problem(status, code, title, **facts)
    page = render_template("errors/page.html", status=status, title=title, code=code, facts=facts)
    return page, status


def _known(error: KontorError) -> Response | tuple[str, int]:
    return _answer(status_of(error), error.code, words.of_error(error), **error.facts)


def _stale_form(_error: CSRFError) -> Response | tuple[str, int]:
    return _answer(400, "stale_form", words.of_code("stale_form"))


def _http(error: HTTPException) -> Response | tuple[str, int]:
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error.get_response()  # type: ignore[return-value]
    code = {404: "page", 405: "method", 413: "too_large", 429: "too_many"}.get(error.code, "http")
    answer = make_response(_answer(error.code, code, words.of_code(code)))
    # What the error says beside its page stays: Allow with 405, Retry-After with 429.
    for name, value in error.get_headers():
        if name.lower() != "content-type":
            answer.headers[name] = value
    return answer


def _no_text(error: DataError) -> Response | tuple[str, int]:
    # A zero byte, half a character, a number beyond all numbers: PostgreSQL stores none of it, and
    # whoever sent it hears that, whichever form or search it came by.
    log.warning("not storable: %s %s: %s", request.method, request.path, error.orig)
    return _answer(422, "malformed", words.of_code("malformed"))


def _unexpected(error: Exception) -> Response | tuple[str, int]:
    log.error("unexpected error on %s %s", request.method, request.path, exc_info=error)
    return _answer(500, "unexpected", words.of_code("unexpected"))
