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
from catalog.pricing import PricedLine
from catalog.views import ItemView, ProductView

_SCHEMA = "https://schema.org"
WITHDRAWAL_DAYS = 14


def product(
    found: ProductView,
    item: ItemView,
    line: PricedLine,
    look: Outlook,
    path: Sequence[tuple[str, str]],
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
        "offers": _offer(line, look, address),
    }
    if item.gtin:
        data["gtin"] = item.gtin_shown
    if item.picture:
        data["image"] = [url_for("media", name=item.picture, _external=True)]
    return [data, _trail(path)]


def amount(minor: int) -> str:
    """Return an amount as schema.org wants it: ``6.90``."""
    return f"{Decimal(minor) / 100:.2f}"


def availability(look: Outlook) -> str:
    """Return the schema.org name of what the page says in words."""
    if look.arrives_on is not None:
        return f"{_SCHEMA}/InStock"
    return f"{_SCHEMA}/InStoreOnly" if look.units else f"{_SCHEMA}/OutOfStock"


def _offer(line: PricedLine, look: Outlook, address: str) -> dict[str, Any]:
    shipping = terms.shipping_minor(line.unit_minor)
    return {
        "@type": "Offer",
        "url": address,
        "price": amount(line.unit_minor),
        "priceCurrency": CURRENCY,
        "itemCondition": f"{_SCHEMA}/NewCondition",
        "availability": availability(look),
        "seller": {"@type": "Organization", "name": RETAILER.company},
        "shippingDetails": {
            "@type": "OfferShippingDetails",
            "shippingDestination": {"@type": "DefinedRegion", "addressCountry": "DE"},
            "shippingRate": {
                "@type": "MonetaryAmount",
                "value": amount(shipping),
                "currency": CURRENCY,
            },
        },
        "hasMerchantReturnPolicy": {
            "@type": "MerchantReturnPolicy",
            "applicableCountry": "DE",
            "returnPolicyCategory": f"{_SCHEMA}/MerchantReturnFiniteReturnWindow",
            "merchantReturnDays": WITHDRAWAL_DAYS,
        },
    }


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
