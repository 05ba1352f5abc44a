"""Why a promotion code takes nothing off a basket, in words."""

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.i18n import formats
from app.web import words
from app.workflows.pricing import PricedBasket
from catalog import promotions
from kit import clock
from kit.errors import KontorError


def note(session: Session, code: str, basket: PricedBasket) -> str | None:
    """Say why a code takes nothing off this basket; None where it does."""
    try:
        rule = promotions.by_code(session, code, clock.now())
    except KontorError as error:
        return words.of_error(error)
    if any(one.ref == rule.ref for one in basket.promotions):
        return None
    if rule.ref not in {one.ref for one in basket.offered}:
        return gettext("Dieser Code gilt nicht für Sie oder nicht hier im Shop.")
    if rule.min_minor > basket.list_minor - basket.group_minor:
        return gettext("Dieser Code gilt ab %(sum)s Warenwert.", sum=formats.money(rule.min_minor))
    return gettext(
        "Für diesen Warenkorb bringt der Code nichts: Er gilt für andere Artikel oder"
        " größere Mengen, oder ein anderes Angebot ist günstiger."
    )
