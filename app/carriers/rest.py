"""How carriers are asked over HTTP: short limits, and what counts as a refusal or as no answer."""

from collections.abc import Callable
from typing import Any, cast

import requests

from app.carriers.shapes import CarrierDown, CarrierRefused

CONNECT_SECONDS, READ_SECONDS = 1.0, 4.0
_OK = 300
_FAULT = 500
_BUSY = 429
_UNKNOWN = 404


def call(
    session: requests.Session,
    method: str,
    url: str,
    *,
    words: Callable[[dict[str, Any], int], str],
    missing: dict[str, Any] | None = None,
    **asked: Any,
) -> dict[str, Any]:
    """Ask once, and return the JSON object that came.

    Args:
        session: with what the carrier knows us by.
        method, url: of the call; `asked` is what `requests` takes beside (params, json).
        words: finds the carrier's own words in a refusal, given its body and status.
        missing: the answer where the carrier knows nothing of it (404); None makes that a refusal.

    Raises:
        CarrierDown: no answer in time, a fault of theirs, or nothing that one can read.
        CarrierRefused: with the carrier's words.
    """
    limits = (CONNECT_SECONDS, READ_SECONDS)
    try:
        answer = session.request(method, url, timeout=limits, allow_redirects=False, **asked)
    except requests.RequestException as error:
        raise CarrierDown(type(error).__name__) from error
    if answer.status_code == _UNKNOWN and missing is not None:
        return missing
    if answer.status_code >= _FAULT or answer.status_code == _BUSY:
        raise CarrierDown(f"HTTP {answer.status_code}")
    try:
        body = answer.json()
    except ValueError as error:
        raise CarrierDown(f"HTTP {answer.status_code} without JSON") from error
    if not isinstance(body, dict):
        raise CarrierDown("an answer of another shape")
    if answer.status_code >= _OK:
        raise CarrierRefused(words(body, answer.status_code))
    return cast("dict[str, Any]", body)
