"""Gift cards: issue one, whose code is shown once; look one up by its code and see its account."""

from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from flask_login import current_user

from app.identity import permissions
from app.web import words
from app.web.backoffice import promotion_form
from app.web.backoffice.room import blueprint
from app.web.session import allowed, limiter
from kit.database import reading, transaction
from kit.errors import Invalid, KontorError
from kit.ids import secret_token
from loyalty import gift_cards

LONGEST_KEY = 64
LONGEST_DOCUMENT = 200


@blueprint.get("/gift-cards", endpoint="gift_cards")
@allowed
def gift_cards_page() -> str:
    """Show the forms and what the shop owes on all cards together."""
    return _page()


@blueprint.post("/gift-cards/look-up")
@allowed
@limiter.limit("20 per minute")
def gift_card_look_up() -> Any:
    """Look a card up; its code is in the body, so that no log keeps it."""
    try:
        with reading() as session:
            card = gift_cards.by_code(session, request.form.get("code", ""))
            account = gift_cards.entries(session, card.id)
    except KontorError as error:
        return _page(code_error=words.of_error(error)), 422
    return _page(card=card, account=account)


@blueprint.post("/gift-cards")
@allowed
def gift_card_issue() -> Any:
    """Issue a card. The form's key makes a double click one card; the code is shown this once."""
    document = request.form.get("document", "").strip()[:LONGEST_DOCUMENT]
    try:
        amount = promotion_form.cents(request.form.get("amount", ""))
        if not document:
            raise Invalid("reason")
        with transaction() as session:
            card, code = gift_cards.issue(
                session,
                amount,
                kind=request.form.get("kind", ""),
                document=document,
                actor=current_user.name,
                key=f"issue/{request.form.get('key', '')[:LONGEST_KEY] or secret_token()}",
            )
    except Invalid as error:
        return _page(issue_error=words.of_error(error)), 422
    return _page(card=card, code=code, repeated=code is None)


def _page(**more: Any) -> str:
    with reading() as session:
        owed = gift_cards.outstanding_minor(session)
    return render_template(
        "backoffice/gift_cards.html",
        owed_minor=owed,
        key=secret_token(),
        kinds=[("sold", _("verkauft")), ("goodwill", _("Kulanz"))],
        causes={
            "issued": _("ausgegeben"),
            "redeemed": _("eingelöst"),
            "returned": _("zurückgebucht"),
        },
        may_issue=permissions.may(current_user.role, "backoffice.gift_card_issue"),
        **more,
    )
