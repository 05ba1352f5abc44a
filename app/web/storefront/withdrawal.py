"""The withdrawal function (section 356a BGB): declare, confirm, receipt by mail at once.

1. No sign-in, no reason, no question whether such an order exists: nothing is revealed.
2. The declaration is kept word for word with its instant before anything else happens.
3. The receipt repeats content, date and time; it goes out like every mail, through the outbox.
A late or unclear declaration is accepted all the same; people decide about it.
"""

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.events import MessageWritten
from app.i18n import current_language
from app.i18n.formats import stamp_full
from app.messages.models import Message
from app.sales import orders
from app.web.retailer import RETAILER
from app.web.storefront.room import blueprint
from kit import clock, events
from kit.database import transaction
from kit.errors import NotFound
from kit.ids import new_id, reference

_MAX = {"name": 120, "order_ref": 40, "email": 120, "what": 2000}
KIND = "withdrawal_received"


@dataclass(frozen=True)
class Declaration:
    """What somebody declares; `what` names goods where only some are meant."""

    name: str
    order_ref: str
    email: str
    what: str


@blueprint.get("/vertrag-widerrufen")
def withdraw() -> str:
    """Show the form, filled from the order page where one comes from there."""
    typed = {"order_ref": request.args.get("bestellung", "")[: _MAX["order_ref"]]}
    return render_template("storefront/withdraw.html", typed=typed, errors={})


@blueprint.post("/vertrag-widerrufen")
def withdraw_check() -> Any:
    """Show the declaration as it will be sent, with the button that sends it."""
    typed = {name: request.form.get(name, "").strip()[:most] for name, most in _MAX.items()}
    errors = _errors(typed)
    if errors or "zurueck" in request.form:
        page = render_template("storefront/withdraw.html", typed=typed, errors=errors)
        return page, 422 if errors else 200
    if "bestaetigen" not in request.form:
        return render_template("storefront/withdraw_confirm.html", typed=typed)
    receipt = _receive(Declaration(**typed))
    cookie["withdrawal"] = receipt
    return redirect(url_for("storefront.withdrawn"), 303)


@blueprint.get("/vertrag-widerrufen/eingegangen")
def withdrawn() -> Any:
    """Show the receipt; it is also on its way by mail."""
    receipt = cookie.get("withdrawal")
    if receipt is None:
        return redirect(url_for("storefront.withdraw"), 303)
    return render_template("storefront/withdrawn.html", receipt=receipt)


def _errors(typed: dict[str, str]) -> dict[str, str]:
    errors = {}
    if not typed["name"]:
        errors["name"] = gettext("Bitte Ihren Namen.")
    if not typed["order_ref"]:
        errors["order_ref"] = gettext("Bitte die Bestellnummer, Beispiel: K-7F3KQ2.")
    if "@" not in typed["email"] or " " in typed["email"]:
        errors["email"] = gettext("Bitte eine vollständige Adresse, Beispiel: name@beispiel.de.")
    return errors


def _receive(declared: Declaration) -> dict[str, str]:
    """Keep the declaration and write its receipt in one transaction."""
    at = clock.now()
    receipt = {
        **vars(declared),
        "number": reference("W"),
        "received": stamp_full(at),
        "received_at": at.isoformat(),
    }
    with transaction() as session:
        body = render_template("storefront/withdrawal_mail.txt", receipt=receipt, retailer=RETAILER)
        html = render_template(
            "storefront/withdrawal_mail.html", receipt=receipt, retailer=RETAILER
        )
        message = Message(
            id=new_id(),
            order_ref=_known_order(session, declared),
            kind=KIND,
            recipient=declared.email,
            subject=gettext("Ihr Widerruf ist eingegangen (%(number)s)", number=receipt["number"]),
            body_text=body,
            body_html=html,
            facts={**receipt, "language": current_language()},
            created_at=at,
            key=f"withdrawal/{receipt['number']}",
        )
        session.add(message)
        session.flush()
        events.record(session, MessageWritten(message_id=str(message.id)))
    return receipt


def _known_order(session: Session, declared: Declaration) -> str | None:
    """Return the order's reference where the declaration comes from the address it was made with.

    A stranger's declaration is kept just the same, but shows on nobody's order page.
    """
    try:
        order = orders.by_ref(session, declared.order_ref.upper())
    except NotFound:
        return None
    if (order.email or "").casefold() != declared.email.casefold():
        return None
    orders.note(session, order.ref, "withdrawal_received", "customer", withdrawn=declared.what)
    return order.ref
