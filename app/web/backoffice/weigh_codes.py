"""Labels of the shop's own scales: typed in and taken out on the page of the tills."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.tills import weigh_codes
from app.web import words
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from catalog import products
from kit.database import transaction
from kit.errors import KontorError, NotFound


@blueprint.post("/tills/weigh-codes")
@allowed
def till_weigh_code() -> Response:
    """Have labels with these digits stand for an article; the same digits again change it."""
    starts, sku = (request.form.get(name, "").strip() for name in ("starts", "sku"))
    try:
        with transaction() as session:
            sku = sku if products.items(session, {sku}) else sku.upper()
            if not products.items(session, {sku}):
                raise NotFound("item", sku=sku)
            weigh_codes.put(session, starts, sku, request.form.get("value", ""))
    except KontorError as error:
        flash(words.of_error(error), "warn")
    else:
        flash(_("Etiketten mit %(starts)s … sind %(sku)s.", starts=starts, sku=sku))
    return redirect(url_for("backoffice.tills") + "#weigh-codes", 303)


@blueprint.post("/tills/weigh-codes/removal")
@allowed
def till_weigh_code_removal() -> Response:
    """Have labels with these digits mean nothing any more."""
    starts = request.form.get("starts", "")
    try:
        with transaction() as session:
            weigh_codes.remove(session, starts)
    except KontorError as error:
        flash(words.of_error(error), "warn")
    else:
        flash(_("Etiketten mit %(starts)s … gelten nicht mehr.", starts=starts))
    return redirect(url_for("backoffice.tills") + "#weigh-codes", 303)
