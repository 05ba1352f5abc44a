"""What the POS endpoint answers: plain values for the schemas, in the request's language."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy.orm import Session

from app.i18n import current_language
from app.identity.models import Device
from app.sales import orders, worth
from app.sales.models import OrderLine
from app.tills.reports import gross_by_rate
from app.workflows import showing, suggest
from app.workflows.candidates import Offer
from app.workflows.pricing import PricedBasket
from app.workflows.saved_baskets import Shown
from app.workflows.showing import Part
from app.workflows.till.handing_over import Collection
from app.workflows.till.returnable import Returnable
from app.workflows.till.sales import Receipt
from catalog import pricing
from catalog.views import ItemView
from fulfilment.answers import availability
from fulfilment.places import locations
from kit import clock
from kit.database import reading
from kit.money import vat_within
from loyalty import customers, points


def item(session: Session, found: ItemView, unit_minor: int) -> dict[str, Any]:
    """Return an item as a till shows it, with its stock everywhere."""
    return {
        "sku": found.sku,
        "gtin": found.gtin,
        "title": found.title(current_language()),
        "unit_minor": unit_minor,
        "vat_basis_points": found.vat_basis_points,
        "age_min": found.age_min,
        "picture": _picture(found),
        "stock": stock(session, found.sku),
    }


def _picture(found: ItemView) -> str | None:
    return url_for("media", name=found.picture) if found.picture else None


def stock(session: Session, sku: str) -> list[dict[str, Any]]:
    """Return how many lie where, every location in its display order."""
    held = availability.available(session, [sku], clock.now())
    return [
        {
            "location": code,
            "name": place.name,
            "on_hand": held[code, sku].on_hand if (code, sku) in held else 0,
            "available": held[code, sku].available if (code, sku) in held else 0,
        }
        for code, place in locations.by_code(session).items()
    ]


def customer(session: Session, number: str) -> dict[str, Any]:
    """Return what a till may show of a customer.

    Raises:
        Invalid: ``customer_number``.
        NotFound: ``customer``.
    """
    found = customers.by_number(session, number)
    return {
        "number": found.number,
        "shown": found.number_shown,
        "name": found.name,
        "price_group": found.price_group,
        "price_group_name": pricing.group_name(session, found.price_group, current_language()),
        "points": points.balance(session, found.number),
    }


def quote(
    session: Session,
    device: Device,
    basket: PricedBasket,
    number: str | None,
    code: str | None = None,
    sale_id: str | None = None,
) -> dict[str, Any]:
    """Return a priced basket with its customer and what it needs or what fits it."""
    part = showing.part_of(session, sale_id or "")
    return {
        "lines": [_line(basket, position) for position in range(len(basket.lines))],
        "list_minor": basket.list_minor,
        "saved_minor": basket.saved_minor,
        "total_minor": basket.goods_minor,
        "currency": "EUR",
        "customer": customer(session, number) if number else None,
        "promotion_code": code,
        "points": points.points_for(basket.goods_minor) if number else 0,
        "suggestions": _suggestions(session, device, basket, number, part if sale_id else None),
        "trial": bool(sale_id and part.trial),
    }


def _line(basket: PricedBasket, position: int) -> dict[str, Any]:
    line = basket.lines[position]
    return {
        "sku": line.sku,
        "title": basket.items[line.sku].title(current_language()),
        "quantity": line.quantity,
        "unit_minor": line.unit_minor,
        "list_unit_minor": line.list_unit_minor,
        "line_minor": line.line_minor,
        "discount_minor": line.discount_minor,
        "promotions": [
            {
                "ref": one.ref,
                "name": one.name(current_language()),
                "amount_minor": one.amount_minor,
            }
            for one in line.promotions
        ],
        "vat_basis_points": line.vat_basis_points,
        "age_min": basket.items[line.sku].age_min,
        "picture": _picture(basket.items[line.sku]),
    }


def _suggestions(
    session: Session, device: Device, basket: PricedBasket, number: str | None, part: Part | None
) -> list[dict[str, Any]]:
    language = current_language()

    def ask(learnt: bool) -> list[Offer]:  # noqa: FBT001 - as `Part.offered` calls it
        return suggest.suggest(
            session,
            [line.sku for line in basket.lines],
            units={line.sku: line.quantity for line in basket.lines},
            price_group=basket.price_group,
            at=clock.now(),
            customer=number,
            learnt=learnt,
        )

    # Whose sale nobody has named belongs to no trial.
    offers = part.offered(ask) if part else ask(True)
    return [
        {
            "sku": offer.item.sku,
            "title": offer.item.title(language),
            "picture": _picture(offer.item),
            "kind": offer.kind,
            "reason": offer.reason(language),
            "unit_minor": offer.unit_minor,
            "available_here": offer.available_at(device.location),
        }
        for offer in offers
    ]


def _receipt_line(line: dict[str, Any]) -> dict[str, Any]:
    return {**line, "promotions": _taken_off(line["promotions"])}


def _taken_off(promotions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    name = f"name_{current_language()}"
    return [
        {"ref": one["ref"], "name": one[name], "amount_minor": one["amount_minor"]}
        for one in promotions
    ]


def collection(found: Collection) -> dict[str, Any]:
    """Return what a customer has come for."""
    lines = [{**vars(one), "promotions": _taken_off(one.promotions)} for one in found.lines]
    return {**vars(found), "lines": lines}


def receipt(booked: Receipt) -> dict[str, Any]:
    """Return what the till prints."""
    row = booked.row
    if row is None:
        raise TypeError("imported books have no receipts")
    home = None
    if row.home_ref:
        with reading() as session:
            home = orders.by_ref(session, row.home_ref)
    facts = (
        "sale_id", "kind", "order_ref", "receipt_number", "number", "cashier", "started_at",
        "sold_at", "booked_at", "offline", "location", "returns", "tenders", "total_minor",
        "customer_number",
    )  # fmt: skip
    return {
        **{fact: getattr(row, fact) for fact in facts},
        "session_id": booked.session_id,
        "lines": [_receipt_line(line) for line in row.lines],
        "vat": [
            {"rate_basis_points": rate, "gross_minor": gross, "vat_minor": vat_within(gross, rate)}
            for rate, gross in gross_by_rate(row.lines, row.returns).items()
        ],
        "points": booked.points,
        "home": {
            "order_ref": home.ref,
            "promised_on": home.promised_on,
            "shipping_minor": home.shipping_minor,
        }
        if home
        else None,
        "collected": {"order_ref": row.collected_ref} if row.collected_ref else None,
        "receipt_url": url_for("pos.receipt", token=row.token, _external=True),
        "fiscal": booked.fiscal,
        "conflicts": booked.conflicts,
        "repeated": booked.repeated,
    }


def returnable(found: Returnable) -> dict[str, Any]:
    """Return what may come back of an order or receipt."""
    order, row = found.order, found.receipt
    return {
        "order_ref": order.ref,
        "channel": order.channel,
        "receipt_number": row.receipt_number if row else None,
        "sale_id": row.sale_id if row else None,
        "placed_at": order.placed_at,
        "location": order.location,
        "customer_number": order.customer_number,
        "lines": [_returnable_line(line, found.announced) for line in found.lines],
        "tenders": found.tenders,
        "voidable": found.voidable,
    }


def _returnable_line(line: OrderLine, announced: Mapping[UUID, int]) -> dict[str, Any]:
    left = line.shipped - line.returned
    facts = ("sku", "title", "quantity", "unit_minor", "line_minor", "vat_basis_points")
    return {
        **{fact: getattr(line, fact) for fact in facts},
        "line_id": str(line.id),
        "returnable": left,
        "announced": min(left, announced.get(line.id, 0)),
        "refund_minor": [worth.returning(line, units) for units in range(1, left + 1)],
    }


def web_basket(found: Shown, code: str) -> dict[str, Any]:
    """Return a customer's web basket."""
    return {
        "code": code,
        "customer_number": found.customer_number,
        "promotion_code": found.promotion_code,
        "lines": [{"sku": line.sku, "quantity": line.quantity} for line in found.lines],
    }
