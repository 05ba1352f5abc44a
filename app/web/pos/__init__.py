"""The till: one page that talks to the POS endpoint like a third party's till would."""

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask_babel import gettext

from app.web.pos import words
from app.web.retailer import RETAILER

blueprint = Blueprint("pos", __name__)


@blueprint.get("/")
def till() -> str:
    """Show the till. What it knows and does it gets with its device token from the endpoint."""
    return render_template(
        "pos/till.html",
        retailer=RETAILER,
        endpoint=url_for("pos_api.DeviceView").removesuffix("/device"),
        words=words.of_till(),
        title=gettext("Kasse"),
        demo=current_app.config["KONTOR"].demo,
    )


@blueprint.after_app_request
def _scripts_of_one_day(answer: Response) -> Response:
    """Have the till's scripts asked for again at each start: old ones and new ones don't mix."""
    if request.endpoint == "static" and "/js/till" in request.path:
        answer.headers["Cache-Control"] = "no-cache"
    return answer
