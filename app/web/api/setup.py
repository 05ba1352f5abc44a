"""A till is set up: paired, told what it has to know, and somebody signs in."""

import json
from typing import Any

from flask import Response, url_for
from flask.views import MethodView

from app.i18n import current_language
from app.identity.models import Device
from app.tills import best_sellers, cashiers, pairing, rules, sessions
from app.tills.cashiers import Cashier
from app.tills.fiscal import modules
from app.web.api import setup_schemas as schemas
from app.web.api.room import blueprint, device_of_request, till_key
from app.web.retailer import RETAILER
from app.web.session import limiter
from app.workflows.till import changes
from fulfilment.places import locations
from kit import clock
from kit.database import reading, transaction

LOCK_AFTER_SECONDS = 300
BEST_SELLERS = 12


def described(device: Device) -> dict[str, Any]:
    """Return what a till has to know about itself."""
    with transaction() as session:
        place = locations.one(session, device.location)
        module = modules.of_device(session, device.code)
        standing = sessions.standing(session, device.code)
        return {
            "code": device.code,
            "name": device.name,
            "location": device.location,
            "location_name": place.name,
            "time": clock.now(),
            "last_receipt_number": sessions.last_number(session, device.code),
            "session": standing,
            "retailer": {
                "name": RETAILER.name,
                "company": RETAILER.company,
                "street": place.street,
                "postal_code": place.postal_code,
                "city": place.city,
                "vat_id": RETAILER.vat_id,
                "tax_number": RETAILER.tax_number,
            },
            "fiscal": {
                "certified": modules.in_use().certified,
                "serial": module.serial,
                "client_id": module.client_id,
                "algorithm": modules.ALGORITHM,
                "public_key": module.public_key,
                "note": modules.note(),
            },
            "card_reader": device.reader is not None,
            "rules": {
                "cash_rounding_minor": rules.cash_rounding_minor(session, device.location),
                "lock_after_seconds": LOCK_AFTER_SECONDS,
                "small_discount_basis_points": cashiers.SMALL_DISCOUNT,
            },
        }


def _cashier(person: Cashier) -> dict[str, Any]:
    return {
        "code": person.code,
        "name": person.name,
        "role": person.role,
        "rights": list(person.rights),
        "pin": {"salt": person.salt, "iterations": person.iterations, "hash": person.proof},
    }


@blueprint.route("/best-sellers")
class BestSellers(MethodView):
    """What a till may offer before anything is scanned."""

    @blueprint.secured
    @blueprint.response(200, schemas.BestSellersSchema)
    @blueprint.doc(operationId="best_sellers")
    def get(self) -> dict[str, Any]:
        """Return what the tills of this store sold most in four weeks, then those of all stores."""
        device = device_of_request()
        with reading() as session:
            skus = best_sellers.of_location(
                session, device.location, at=clock.now(), most=BEST_SELLERS
            )
        return {"skus": skus}


@blueprint.route("/pairings")
class Pairings(MethodView):
    """Codes that make a browser a till."""

    decorators = (limiter.limit("10 per minute"),)

    @blueprint.arguments(schemas.PairingRequestSchema)
    @blueprint.response(200, schemas.PairedSchema)
    @blueprint.doc(operationId="pair", security=[])
    @blueprint.problem(404, "`pairing_code`: wrong, used, or older than a quarter of an hour")
    @blueprint.problem(422, "`malformed` (see `fields`)")
    @blueprint.problem(429, "`too_many`: more than 10 a minute")
    def post(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Become a till by a code from the back office; the token is shown this once."""
        with transaction() as session:
            device, token = pairing.redeem(session, asked["pairing_code"])
        return {"token": token, "device": described(device)}


@blueprint.route("/device")
class DeviceView(MethodView):
    """The till that is asking."""

    @blueprint.secured
    @blueprint.response(200, schemas.DeviceSchema)
    @blueprint.doc(operationId="device")
    def get(self) -> dict[str, Any]:
        """Say which till this token belongs to; a till asks it when it is switched on."""
        return described(device_of_request())


@blueprint.route("/cashiers")
class Cashiers(MethodView):
    """Who may stand at this till."""

    @blueprint.secured
    @blueprint.response(200, schemas.CashiersSchema)
    @blueprint.doc(operationId="cashiers")
    def get(self) -> dict[str, Any]:
        """List who may sign in here, with what checks a PIN without a network."""
        with reading() as session:
            there = cashiers.at(session, device_of_request().location)
        return {"cashiers": [_cashier(person) for person in there]}


@blueprint.route("/sign-ins")
class SignIns(MethodView):
    """A cashier proves a PIN."""

    decorators = (limiter.limit("10 per minute", key_func=till_key),)

    @blueprint.secured
    @blueprint.arguments(schemas.SignInSchema)
    @blueprint.response(200, schemas.CashierSchema)
    @blueprint.doc(operationId="sign_in")
    @blueprint.problem(422, "`malformed` (see `fields`)")
    @blueprint.problem(429, "`too_many`: more than 10 a minute; PINs are not to be guessed")
    def post(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Sign a cashier in; a wrong PIN is a 401 with the code `pin`."""
        with reading() as session:
            person = cashiers.sign_in(
                session, asked["cashier"], asked["pin"], device_of_request().location
            )
        return _cashier(person)


@blueprint.route("/changes")
class ChangesView(MethodView):
    """What a till has to know to sell without a network."""

    @blueprint.secured
    @blueprint.arguments(schemas.ChangesQuerySchema, location="query")
    @blueprint.response(200, schemas.ChangesSchema)
    @blueprint.doc(operationId="changes")
    @blueprint.problem(422, "`malformed` or `cursor`: begin again without one")
    def get(self, asked: dict[str, Any]) -> Response:
        """Return items, prices, promotions and deletions since a cursor, page by page."""
        media = url_for("media", name="").rstrip("/") + "/"
        found = changes.since(
            asked["cursor"], limit=asked["limit"], language=current_language(), media=media
        )
        rest = json.dumps(
            {
                "deleted": found.deleted,
                "cursor": found.cursor,
                "more": found.more,
                "total": found.total,
                "settings": found.settings,
            }
        )
        # The items are JSON already, as PostgreSQL made it: thousands are not read to be written.
        body = f'{{"items":[{",".join(found.items)}],{rest[1:]}'
        return Response(body, content_type="application/json")
