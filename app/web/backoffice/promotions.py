"""Promotions: make one after trying it on real baskets, see how often it was used, end it."""

from datetime import time, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.i18n import formats
from app.identity import permissions
from app.web import words
from app.web.backoffice import promotion_form
from app.web.backoffice.room import blueprint
from app.web.session import allowed
from app.workflows import try_promotion
from catalog import promotions
from catalog.promotions import Offer
from kit import clock
from kit.database import reading, transaction
from kit.errors import Invalid, Refused

_MIDNIGHT = time()


@blueprint.get("/promotions", endpoint="promotions")
@allowed
def promotions_page() -> str:
    """List the promotions, the newest first, with the form that makes one."""
    return _page({"kind": "percent", "starts_on": clock.today().isoformat()})


@blueprint.post("/promotions")
@allowed
def promotion_make() -> Any:
    """Try a promotion out, or make it."""
    typed = {name: request.form.get(name, "")[:500] for name in promotion_form.FIELDS}
    typed["stackable"] = request.form.get("stackable", "")
    channels = frozenset(request.form.getlist("channels"))
    try:
        offer = promotion_form.read(typed, channels)
        if request.form.get("do") != "make":
            with reading() as session:
                examples = try_promotion.last_orders(session)
                tried = try_promotion.try_out(session, offer, examples)
            return _page(typed, channels, tried=tried)
        with transaction() as session:
            promotions.create(session, offer, actor=current_user.name)
    except Invalid as error:
        wrong = error.facts.get("fields", [])
        return _page(typed, channels, wrong=wrong, problem=words.of_error(error)), 422
    except Refused as error:
        return _page(typed, channels, wrong=["code"], problem=words.of_error(error)), 409
    flash(_("Die Aktion ist angelegt."), "ok")
    return redirect(url_for("backoffice.promotions"), 303)


@blueprint.post("/promotions/<ref>/end")
@allowed
def promotion_end(ref: str) -> Response:
    """End a promotion now; orders that have it keep it."""
    with transaction() as session:
        promotions.end(session, ref, actor=current_user.name)
    flash(_("Die Aktion ist beendet."), "ok")
    return redirect(url_for("backoffice.promotions"), 303)


def _page(typed: dict[str, str], channels: frozenset[str] = frozenset(), **more: Any) -> str:
    with reading() as session:
        listed = promotions.listed(session)
    return render_template(
        "backoffice/promotions.html",
        listed=listed,
        typed=typed,
        channels=channels,
        now=clock.now(),
        period=_period,
        kinds=[
            ("percent", _("Prozent auf jedes Stück")),
            ("amount", _("Betrag auf alles zusammen")),
            ("buy_get", _("X kaufen, Y dazu")),
        ],
        channel_names={"web": _("Shop"), "till": _("Kasse"), "phone": _("Telefon")},
        may_make=permissions.may(current_user.role, "backoffice.promotion_make"),
        **more,
    )


def _period(offer: Offer) -> str:
    """Return from when until when, in days: what ends at midnight ends with the day before."""
    starts, ends = clock.berlin(offer.starts_at), offer.ends_at
    begins = formats.stamp(starts) if starts.time() != _MIDNIGHT else formats.day_short(starts)
    if ends is None:
        return str(_("ab %(day)s", day=begins))
    last = clock.berlin(ends)
    if last.time() == _MIDNIGHT:
        return f"{begins} – {formats.day_short(last - timedelta(days=1))}"
    return f"{begins} – {formats.stamp(last)}"
