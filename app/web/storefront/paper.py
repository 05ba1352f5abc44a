"""Catalogues and samples by post: asked for in the account, taken back in the same place."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.i18n import current_language
from app.web.customer_session import for_customers
from app.web.storefront.account import whoever
from app.web.storefront.room import blueprint
from kit.database import transaction
from loyalty import consents
from loyalty.consents import Asking

WORDINGS = {
    consents.CATALOGUES: _l("Ich möchte gedruckte Kataloge an meine Adresse bekommen."),
    consents.SAMPLES: _l("Ich möchte Muster und Proben an meine Adresse bekommen."),
}


@blueprint.post("/konto/post")
@for_customers
def account_paper() -> Response:
    """Keep what comes by post: nothing, unless it is ticked."""
    who = whoever()
    wanted = set(request.form.getlist("paper"))
    address = request.remote_addr or ""
    with transaction() as session:
        for purpose, words in WORDINGS.items():
            if purpose in wanted:
                asking = Asking(str(words), current_language(), "account", address)
                consents.agree(session, who.email, purpose, asking)
            else:
                consents.withdraw(session, who.email, purpose, source="account", ip=address)
    flash(_("Gespeichert."), "ok")
    return redirect(url_for("storefront.account_settings"), 303)
