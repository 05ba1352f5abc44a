"""The pages and states of the shop that `make audit-web` looks at, and how one gets there."""

import re
from dataclasses import dataclass
from typing import Any

OWN = {"Sec-Fetch-Site": "same-origin"}
BUYER = {
    "name": "Jens Müller",
    "street": "Sternstraße 5",
    "postal_code": "53111",
    "city": "Bonn",
    "email": "jens@example.org",
}
EMPTY, FULL, READY = "nobody", "basket", "review"
"""What a visitor has done before: nothing, filled a basket, filled in the form."""


@dataclass(frozen=True)
class Place:
    """A page in a state: where it is, who looks, and what to press there first."""

    name: str
    path: str
    visitor: str = EMPTY
    press: str = ""
    expect: int = 200


def found(request: Any) -> list[Place]:
    """Return every page to look at, by walking through the shop once.

    Args:
        request: Playwright's API context of a visitor who has done nothing yet.
    """
    home = request.get("/").text()
    shelf = _first(home, r'href="(/sortiment/[^"?]+)"')
    goods = _first(request.get(shelf).text(), r'href="(/artikel/[^"?]+)"')
    paper = re.search(r'href="(/filme/[^"?]+)"', home)
    legal = sorted(set(re.findall(r'href="(/[a-z-]+)"', _footer(home))))
    places = [
        Place("home", "/"),
        Place("category", shelf),
        Place("product", goods),
        Place("search", "/suche?q=hecht&alle=1"),
        Place("search, a slip", "/suche?q=gumikoder&alle=1"),
        Place("search, nothing", "/suche?q=xylophon+quarz"),
        Place("manuals", "/anleitungen"),
        Place("stores", "/filialen"),
        Place("compare, empty", "/vergleich"),
        Place("ask", "/anfrage"),
        Place("basket, empty", "/warenkorb"),
        Place("basket", "/warenkorb", FULL),
        Place("checkout", "/bestellen", FULL),
        Place("checkout, mistakes", "/bestellen", FULL, press="main form button.btn--action"),
        Place("review", "/bestellen/pruefen", READY),
        Place("reserve", "/reservieren", FULL),
        Place("find order", "/bestellung"),
        Place("withdraw", "/vertrag-widerrufen"),
        Place("sign in", "/anmelden"),
        Place("error 404", "/gibt-es-nicht", expect=404),
    ]
    places += [Place("film", paper[1])] if paper else []
    known = {place.path for place in places}
    return places + [Place(f"footer {path}", path) for path in legal if path not in known]


def fill_basket(request: Any, product: str) -> None:
    """Put a product into the visitor's basket, twice."""
    sku = _first(request.get(product).text(), r'name="sku" value="([^"]+)"')
    _sent(request, "/warenkorb/artikel", {"sku": sku, "quantity": "2"})
    request.get("/warenkorb")  # the message that it lies there is for this page


def fill_in(request: Any) -> None:
    """Fill in the checkout form."""
    _sent(request, "/bestellen", BUYER)


def order(request: Any) -> str:
    """Order and return the path of the order's page, as the payment page knows it."""
    answer = _sent(request, "/bestellen/pruefen", {})
    return _first(answer.text(), r'(/bestellung/[^"?]+\?t=[^"&]+)')


def _sent(request: Any, path: str, form: dict[str, str]) -> Any:
    answer = request.post(path, form=form, headers=OWN)
    if not answer.ok:
        raise RuntimeError(f"{path} answered {answer.status}")
    return answer


def _footer(page: str) -> str:
    return page.partition("<footer")[2]


def _first(page: str, pattern: str) -> str:
    match = re.search(pattern, page)
    if match is None:
        raise RuntimeError(f"the page has nothing like {pattern}")
    return match[1]
