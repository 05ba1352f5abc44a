"""The till: one page that talks to the POS endpoint like a third party's till would."""

import io

import segno
from flask import Blueprint, Response, current_app, jsonify, render_template, request, url_for
from flask_babel import gettext

from app.web.pos import assets, words
from app.web.retailer import RETAILER
from kit.errors import Invalid

blueprint = Blueprint("pos", __name__)
_LONGEST_QR = 900


def _page() -> str:
    config = current_app.config["KONTOR"]
    return render_template(
        "pos/till.html",
        retailer=RETAILER,
        endpoint=url_for("pos_api.DeviceView").removesuffix("/device"),
        words=words.of_till(),
        title=gettext("Kasse"),
        demo=config.demo,
        # Where a demo's customers hold their cards: the model of Stripe has a page for it.
        demo_readers=f"{config.stripe_api_base}/readers" if config.demo else None,
        # The page is kept on the device: what is told to one person must not stand in it.
        get_flashed_messages=_nothing,
    )


def _nothing(**_options: object) -> list[object]:
    return []


@blueprint.get("/")
def till() -> str:
    """Show the till. What it knows and does it gets with its device token from the endpoint."""
    return _page()


@blueprint.get("/worker.js")
def worker() -> Response:
    """Serve the service worker with the list of what it keeps; any change of that is a new one."""
    answer = Response(assets.worker(url_for("pos.till"), _page()), mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """Describe the till as an application that can be installed."""
    home = url_for("pos.till")
    answer = jsonify(
        id=home,
        name=gettext("Kasse") + " · Kontor",
        short_name=gettext("Kasse"),
        start_url=home,
        scope=home,
        display="standalone",
        background_color="#101816",
        theme_color="#101816",
        icons=[
            {
                "src": url_for("static", filename=f"img/till-{size}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for size in (192, 512)
            for purpose in ("any", "maskable")
        ],
    )
    answer.mimetype = "application/manifest+json"
    return answer


@blueprint.get("/qr.svg")
def qr() -> Response:
    """Draw what a receipt shows as a QR code.

    Raises:
        Invalid: ``qr_text``: nothing, or more than fits on a receipt.
    """
    text = request.args.get("text", "")
    if not 0 < len(text) <= _LONGEST_QR:
        raise Invalid("qr_text")
    drawing = io.BytesIO()
    segno.make(text, error="l").save(drawing, kind="svg", scale=4, border=2, light="#fff")
    answer = Response(drawing.getvalue(), mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


@blueprint.after_app_request
def _scripts_of_one_day(answer: Response) -> Response:
    """Have the till's scripts asked for again at each start: old ones and new ones don't mix."""
    if request.endpoint == "static" and "/js/till" in request.path:
        answer.headers["Cache-Control"] = "no-cache"
    return answer


from app.web.pos import given_receipts  # noqa: E402, F401 - it adds its route to the room
