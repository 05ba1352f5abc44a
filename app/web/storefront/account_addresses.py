"""Addresses in the account: several, one of them the usual one."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.web import words
from app.web.customer_session import for_customers
from app.web.storefront import checkout_form
from app.web.storefront.account import whoever
from app.web.storefront.room import blueprint
from fulfilment.places import geography
from kit.database import reading, transaction
from kit.errors import KontorError
from loyalty import addresses, customers

_MAX = 120


@blueprint.get("/konto/adressen")
@for_customers
def account_addresses() -> str:
    """List the addresses, with the form for one more."""
    return _page({}, {})


@blueprint.post("/konto/adressen")
@for_customers
def account_address_add() -> Any:
    """Add an address."""
    typed, errors = _typed()
    if errors:
        return _page(typed, errors), 422
    try:
        with transaction() as session:
            addresses.add(session, whoever().number, typed)
    except KontorError as error:
        flash(words.of_error(error), "warn")
    return redirect(url_for("storefront.account_addresses"), 303)


@blueprint.route("/konto/adressen/<uuid:address_id>", methods=["GET", "POST"])
@for_customers
def account_address(address_id: uuid.UUID) -> Any:
    """Change an address, make it the usual one, or remove it."""
    number = whoever().number
    if request.method == "GET":
        with reading() as session:
            one = addresses.one(session, number, address_id)
        return _edit(address_id, {name: getattr(one, name) for name in addresses.FIELDS}, {})
    what = request.form.get("what", "change")
    typed, errors = _typed()
    if what == "change" and errors:
        return _edit(address_id, typed, errors), 422
    with transaction() as session:
        if what == "remove":
            addresses.remove(session, number, address_id)
            flash(_("Adresse entfernt. Bestellungen behalten ihre."), "ok")
        elif what == "default":
            addresses.make_default(session, number, address_id)
        else:
            addresses.change(session, number, address_id, typed)
            flash(_("Gespeichert."), "ok")
    return redirect(url_for("storefront.account_addresses"), 303)


def _typed() -> tuple[dict[str, str], dict[str, str]]:
    typed = {name: request.form.get(name, "").strip()[:_MAX] for name in addresses.FIELDS}
    wrong = [name for name, value in typed.items() if len(value) < 2]  # noqa: PLR2004 - a word
    if geography.locate(typed["postal_code"]) is None and "postal_code" not in wrong:
        wrong.append("postal_code")
    return typed, {name: checkout_form.words_for(name) for name in wrong}


def _page(typed: Mapping[str, str], errors: Mapping[str, str]) -> str:
    with reading() as session:
        known = addresses.of(session, whoever().number)
        name = customers.by_number(session, whoever().number).name
    return render_template(
        "storefront/account/addresses.html",
        addresses=known,
        typed=typed or {"name": name},
        errors=errors,
    )


def _edit(address_id: uuid.UUID, typed: Mapping[str, str], errors: Mapping[str, str]) -> str:
    return render_template(
        "storefront/account/address.html", address_id=address_id, typed=typed, errors=errors
    )
