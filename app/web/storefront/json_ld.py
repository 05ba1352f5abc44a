"""Structured data of a product, built from the very values that the page shows.

Source: schema.org Product and Offer; Google, "Merchant listing structured data".
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import url_for

from app.i18n import current_language
from app.i18n.formats import CURRENCY
from app.sales import terms
from app.web.retailer import RETAILER
from app.web.storefront.outlook import Outlook
from app.workflows.price_tags import PriceTag
from catalog.pricing import unit_price
from catalog.views import ItemView, ProductView
from kit import clock

_SCHEMA = "https://schema.org"
WITHDRAWAL_DAYS = 14
# UN/CEFACT codes of the units of a unit price.
_UNITS = {"kg": "KGM", "l": "LTR", "m": "MTR", "piece": "C62"}


def product(
    found: ProductView,
    item: ItemView,
    tag: PriceTag,
    look: Outlook,
    path: Sequence[tuple[str, str]],
    facts: Sequence[tuple[str, str]] = (),
) -> list[dict[str, Any]]:
    """Return the product with its offer, and the way to it."""
    language = current_language()
    address = url_for("storefront.product", product=found.slug, sku=item.sku, _external=True)
    data: dict[str, Any] = {
        "@context": _SCHEMA,
        "@type": "Product",
        "name": item.title(language),
        "description": found.text(language).strip(),
        "sku": item.sku,
        "brand": {"@type": "Brand", "name": found.brand},
        "manufacturer": {"@type": "Organization", "name": found.maker["name"]},
        "additionalProperty": [
            {"@type": "PropertyValue", "name": name, "value": value} for name, value in facts
        ],
        "offers": _offer(item, tag, look, address),
    }
    if len(found.items) > 1:
        data["inProductGroupWithID"] = found.slug
    if found.type_number:
        data["mpn"] = found.type_number
    if item.gtin:
        data["gtin"] = item.gtin_shown
    if item.picture:
        seen = [item.picture, *(one["path"] for one in item.pictures)]
        data["image"] = [url_for("media", name=path, _external=True) for path in seen]
    return [data, _trail(path)]


def amount(minor: int) -> str:
    """Return an amount as schema.org wants it: ``6.90``."""
    return f"{Decimal(minor) / 100:.2f}"


def availability(look: Outlook) -> str:
    """Return the schema.org name of what the page says in words."""
    if look.arrives_on is not None:
        return f"{_SCHEMA}/InStock"
    return f"{_SCHEMA}/InStoreOnly" if look.units else f"{_SCHEMA}/OutOfStock"


def _offer(item: ItemView, tag: PriceTag, look: Outlook, address: str) -> dict[str, Any]:
    offer: dict[str, Any] = {
        "@type": "Offer",
        "url": address,
        "price": amount(tag.unit_minor),
        "priceCurrency": CURRENCY,
        "priceSpecification": _specifications(item, tag),
        "itemCondition": f"{_SCHEMA}/NewCondition",
        "availability": availability(look),
        "seller": {"@type": "Organization", "name": RETAILER.company},
        "shippingDetails": _shipping(tag, look),
        "hasMerchantReturnPolicy": {
            "@type": "MerchantReturnPolicy",
            "applicableCountry": "DE",
            "returnPolicyCategory": f"{_SCHEMA}/MerchantReturnFiniteReturnWindow",
            "merchantReturnDays": WITHDRAWAL_DAYS,
        },
    }
    if shelves := [store for store in look.stores if store.units]:
        offer["availableAtOrFrom"] = [
            {"@type": "Store", "name": f"{RETAILER.name} {store.city}", "branchCode": store.code}
            for store in shelves
        ]
    return offer


def _specifications(item: ItemView, tag: PriceTag) -> list[dict[str, Any]]:
    """Return the price, per unit of measure too, and what it was before (PAngV section 11)."""
    now: dict[str, Any] = {
        "@type": "UnitPriceSpecification",
        "price": amount(tag.unit_minor),
        "priceCurrency": CURRENCY,
        "valueAddedTaxIncluded": True,
    }
    if per := unit_price(item, tag.unit_minor):
        now["referenceQuantity"] = {
            "@type": "QuantitativeValue",
            "value": item.content_quantity,
            "unitText": item.content_unit,
            "valueReference": {
                "@type": "QuantitativeValue",
                "value": 1,
                "unitCode": _UNITS[per.unit],
            },
        }
    if tag.was_minor is None:
        return [now]
    before = {
        "@type": "UnitPriceSpecification",
        "priceType": f"{_SCHEMA}/StrikethroughPrice",
        "price": amount(tag.was_minor),
        "priceCurrency": CURRENCY,
    }
    return [now, before]


def _shipping(tag: PriceTag, look: Outlook) -> dict[str, Any]:
    details: dict[str, Any] = {
        "@type": "OfferShippingDetails",
        "shippingDestination": {"@type": "DefinedRegion", "addressCountry": "DE"},
        "shippingRate": {
            "@type": "MonetaryAmount",
            "value": amount(terms.shipping_minor(tag.unit_minor)),
            "currency": CURRENCY,
        },
    }
    if look.arrives_on is not None:
        days = (look.arrives_on - clock.today()).days
        details["deliveryTime"] = {
            "@type": "ShippingDeliveryTime",
            "transitTime": {
                "@type": "QuantitativeValue",
                "minValue": days,
                "maxValue": days,
                "unitCode": "DAY",
            },
        }
    return details


def _trail(path: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {
        "@context": _SCHEMA,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": _absolute(address)}
            for place, (name, address) in enumerate(path, start=1)
        ],
    }


def _absolute(address: str) -> str:
    root = url_for("storefront.home", _external=True)
    home = url_for("storefront.home")
    return root + address.removeprefix(home)
