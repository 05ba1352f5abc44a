"""What the law wants to be findable from every page, and what delivery costs."""

from flask import abort, render_template

from app.sales import terms
from app.web.retailer import RETAILER
from app.web.storefront.room import blueprint

PAGES = {
    "impressum": "imprint",
    "agb": "terms",
    "datenschutz": "privacy",
    "widerruf": "withdrawal_notice",
    "versand": "shipping",
    "barrierefreiheit": "accessibility",
}


@blueprint.get("/<any(impressum,agb,datenschutz,widerruf,versand,barrierefreiheit):page>")
def legal(page: str) -> str:
    """Show one of the legal pages."""
    if page not in PAGES:
        abort(404)
    return render_template(f"storefront/legal/{PAGES[page]}.html", retailer=RETAILER, terms=terms)
