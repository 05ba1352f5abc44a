"""The storefront: what shoppers see, phone first, German and English, usable without JavaScript."""

from app.web.storefront import (
    asking,
    basket,
    checkout,
    home,
    legal,
    machines,
    order_change,
    order_decide,
    order_page,
    papers,
    product,
    search,
    shell,
    shelves,
    stores,
    withdrawal,
)
from app.web.storefront.room import blueprint

__all__ = [
    "asking",
    "basket",
    "blueprint",
    "checkout",
    "home",
    "legal",
    "machines",
    "order_change",
    "order_decide",
    "order_page",
    "papers",
    "product",
    "search",
    "shell",
    "shelves",
    "stores",
    "withdrawal",
]
