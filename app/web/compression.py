"""Text leaves compressed where the browser takes it: a page of 22 kB travels as 4 kB.

Compressing pages that hold secrets can leak them (BREACH) where an attacker's text stands beside
the same secret again and again. Form tokens here are signed with their instant and change every
second, so there is no such secret; order pages reflect nothing that a stranger can send.
"""

import gzip
from functools import lru_cache

from flask import Flask, Response, request

TEXT = frozenset(
    {
        "text/html", "text/css", "text/javascript", "text/plain", "text/vtt", "image/svg+xml",
        "application/json", "application/xml", "application/problem+json",
    }
)  # fmt: skip
LEAST_BYTES = 500
MOST_BYTES = 2_000_000
_LEVEL = 6


def init(app: Flask) -> None:
    """Compress what the application answers."""
    app.after_request(_compressed)


def _compressed(answer: Response) -> Response:
    if answer.mimetype not in TEXT:
        return answer
    answer.vary.add("Accept-Encoding")
    if answer.status_code != 200 or "Content-Encoding" in answer.headers:  # noqa: PLR2004
        return answer
    if request.method == "HEAD" or "gzip" not in request.accept_encodings:
        return answer
    length = answer.content_length or 0
    if (answer.is_streamed and not answer.direct_passthrough) or length > MOST_BYTES:
        return answer
    answer.direct_passthrough = False
    body = answer.get_data()
    if len(body) < LEAST_BYTES:
        return answer
    # Files stay the same from one answer to the next, pages do not.
    unchanging = request.endpoint in {"static", "media", "stylesheet"}
    answer.set_data(_kept(body) if unchanging else gzip.compress(body, _LEVEL))
    answer.headers["Content-Encoding"] = "gzip"
    etag, _ = answer.get_etag()
    if etag is not None:
        answer.set_etag(etag, weak=True)
    return answer


@lru_cache(maxsize=64)
def _kept(body: bytes) -> bytes:
    return gzip.compress(body, 9)
