"""What surrounds every request: security headers, health, pictures."""

from flask import Flask, Response, current_app, jsonify, send_from_directory
from sqlalchemy import text

from app.web.retailer import RETAILER
from kit import clock
from kit.database import reading

_YEAR = 31_536_000
# Everything comes from this host: no third party sees who shops here.
_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline';"
    " media-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'self'"
)


def init(app: Flask) -> None:
    """Wire the surroundings into the application."""
    # Pages, papers and mails name the same merchant.
    app.jinja_env.globals["retailer"] = RETAILER
    app.after_request(_headers)
    app.add_url_rule("/healthz", view_func=_health)
    app.add_url_rule("/media/<path:name>", endpoint="media", view_func=_media)


def _headers(answer: Response) -> Response:
    answer.headers.setdefault("Content-Security-Policy", _POLICY)
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    answer.headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    if answer.mimetype == "text/html":
        # Pages carry stock, prices and forms of this moment.
        answer.headers.setdefault("Cache-Control", "no-store")
    if current_app.config["KONTOR"].secure_cookies:
        answer.headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR}")
    return answer


def _health() -> Response:
    """Answer 200 when the database answers; for the supervisor and load balancers."""
    with reading() as session:
        session.execute(text("SELECT 1"))
    return jsonify(status="ok", time=clock.now().isoformat())


def _media(name: str) -> Response:
    return send_from_directory(current_app.config["KONTOR"].media, name, max_age=86_400)
