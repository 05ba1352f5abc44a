"""What a till offers, and its lines as they are kept: prices of now, and what is taken off."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.tills import cashiers
from app.workflows import pricing
from app.workflows.pricing import PricedBasket
from app.workflows.till.checked_goods import BY_HAND
from app.workflows.till.documents import Discount
from kit.errors import Invalid, Refused
from kit.ids import new_id
from kit.money import share


@dataclass(frozen=True)
class Wish:
    """A line of an offer: units of a SKU, and what the adviser takes off the line."""

    sku: str
    quantity: int
    discount: Discount | None = None


@dataclass(frozen=True)
class NewOffer:
    """What a till posts. `address` is street, postal_code and city, as far as they are known."""

    offer_id: str
    lines: Sequence[Wish]
    name: str
    email: str
    days: int
    hold: bool = False
    note: str = ""
    cashier: str | None = None
    customer_number: str | None = None
    promotion_code: str | None = None
    address: Mapping[str, str] | None = None
    language: str = "de"

    def digest(self) -> str:
        """Return a hash of everything that makes the offer what it is."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def frozen(
    basket: PricedBasket, new: NewOffer, adviser: cashiers.Cashier | None
) -> list[dict[str, Any]]:
    """Return the lines as they are kept: prices, promotions, and what the adviser takes off."""
    by_hand: dict[str, list[Discount]] = {}
    for wish in new.lines:
        if wish.discount is not None and wish.discount.amount_minor:
            by_hand.setdefault(wish.sku, []).append(wish.discount)
    lines = []
    for line in basket.lines:
        taken = pricing.as_stored(line)
        off = line.discount_minor
        for one in by_hand.get(line.sku, []):
            _may_give(one, line.quantity * line.unit_minor, adviser)
            name = {"name_de": f"Nachlass: {one.reason}", "name_en": f"Discount: {one.reason}"}
            taken.append({"ref": BY_HAND + one.reason, "amount_minor": one.amount_minor, **name})
            off += one.amount_minor
        left = line.quantity * line.unit_minor - off
        if left < 0:
            raise Invalid("discount", sku=line.sku, discount_minor=off)
        lines.append(
            {
                "line_id": str(new_id()),
                "sku": line.sku,
                "title": basket.items[line.sku].title(new.language),
                "quantity": line.quantity,
                "unit_minor": line.unit_minor,
                "line_minor": left,
                "discount_minor": off,
                "promotions": taken,
                "vat_basis_points": line.vat_basis_points,
            }
        )
    return lines


def _may_give(one: Discount, of_minor: int, adviser: cashiers.Cashier | None) -> None:
    right = (
        "discount" if one.amount_minor <= share(of_minor, cashiers.SMALL_DISCOUNT)
        else "big_discount"
    )  # fmt: skip
    if adviser is None or right not in adviser.rights:
        raise Refused("right", right=right)
