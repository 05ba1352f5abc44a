"""Catalogues and samples on the floor: no orders, a list of their own, a label for each piece."""

import uuid

from flask import flash
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.carriers import papers
from app.carriers.papers import Address, LabelFacts
from app.community import mailings
from app.community.models import Mailing, Mailpiece
from app.i18n import formats
from app.web.floor import menu
from app.web.floor.papers import pdf
from app.web.floor.room import at_work, blueprint, place, tell, to
from app.web.retailer import RETAILER
from app.web.session import allowed
from app.workflows import mailings as sending
from fulfilment.models import Location
from kit import clock
from kit.database import reading
from kit.errors import Refused

_LATEST = 30


@blueprint.get("/mailpieces")
@allowed
def mailpieces() -> str:
    """Show what waits to be sent to people who asked for it, and what has left."""
    with reading() as session:
        here = place(session)
        return menu.page(
            "floor/mailpieces.html",
            session,
            here,
            "jobs",
            waiting=mailings.pieces_at(session, here.code),
            sent=mailings.pieces_at(session, here.code, "sent", limit=_LATEST),
        )


@blueprint.get("/mailpieces/<uuid:piece_id>/label.pdf")
@allowed
def mailpiece_label(piece_id: uuid.UUID) -> Response:
    """Print the label of one piece."""
    with reading() as session:
        here = place(session)
        piece, mailing = mailings.piece(session, piece_id, here.code)
        printed = papers.label(_label(here, piece, mailing))
    return pdf(printed, f"{piece.sscc}.pdf")


def _label(here: Location, piece: Mailpiece, mailing: Mailing) -> LabelFacts:
    to_whom = piece.address
    with force_locale(piece.language):
        kind = _("Katalog") if mailing.kind == "catalogue" else _("Muster")
        return LabelFacts(
            sscc=piece.sscc,
            ref=_("ohne Bestellung"),
            sender={
                "name": f"{RETAILER.name}, {here.name}",
                "street": here.street,
                "postal_code": here.postal_code,
                "city": here.city,
            },
            to=Address(
                str(to_whom["name"]),
                (str(to_whom["street"]),),
                str(to_whom["postal_code"]),
                str(to_whom["city"]),
            ),
            carrier=str(kind),
            service=mailing.title_de if piece.language == "de" else mailing.title_en,
            count=_("%(this)s von %(all)s", this=1, all=1),
            weight=formats.kilograms(mailing.paper_grams),
            wish="",
            made_on=clock.today().isoformat(),
            language=piece.language,
            words={
                "title": f"{_('Etikett')} {piece.sscc}",
                "to": _("An"),
                "order": _("Auf Ihren Wunsch"),
                "parcel": _("Sendung"),
                "weight": _("Gewicht"),
            },
        )


@blueprint.post("/mailpieces/<uuid:piece_id>/sent")
@allowed
def mailpiece_sent(piece_id: uuid.UUID) -> Response:
    """Say that a piece has left, unless its person wants none any more."""
    try:
        left = sending.send(piece_id, at_work())
    except Refused as error:
        tell(error)
    else:
        if left:
            flash(_("Verschickt."), "ok")
        else:
            flash(_("Bleibt hier: Dieser Mensch möchte inzwischen keine mehr."), "warn")
    return to("mailpieces")


@blueprint.post("/mailpieces/<uuid:piece_id>/return")
@allowed
def mailpiece_back(piece_id: uuid.UUID) -> Response:
    """Note that a piece came back."""
    try:
        sending.came_back(piece_id, at_work())
    except Refused as error:
        tell(error)
    else:
        flash(_("Notiert: Sie kam zurück."), "ok")
    return to("mailpieces")
