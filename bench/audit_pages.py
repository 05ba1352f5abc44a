"""The pages of the shop that `make audit-web` looks at, and how one gets there as a guest.

What somebody must have done before (signed in, paid, cancelled, reserved) is in `audit_states`,
what went otherwise in `audit_troubles`. Each place names the template that it shows;
`tests/bench/test_audited_pages.py` says when a template of the shop has no place.
"""

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
NEXT = "main form button.btn"


@dataclass(frozen=True)
class Place:
    """A page in a state: where it is, its template, who looks, what to type and press there first.

    `expect` is the status of the page that is opened, before anything is pressed. `once`: what is
    pressed there works a single time, so it is looked at in one language. `closed`: the whole shop
    is closed while it is opened.
    """

    name: str
    path: str
    template: str
    visitor: str = EMPTY
    press: str = ""
    expect: int = 200
    typed: tuple[tuple[str, str], ...] = ()
    once: bool = False
    closed: bool = False


ALWAYS = (
    Place("home", "/", "home"),
    Place("search", "/suche?q=hecht&alle=1", "search"),
    Place("search, a slip", "/suche?q=gumikoder&alle=1", "search"),
    Place("search, nothing", "/suche?q=xylophon+quarz", "search"),
    Place("search, no manual", "/suche?q=Gebrauchsanleitung+ZX999", "search"),
    Place("manuals", "/anleitungen", "papers"),
    Place("stores", "/filialen", "stores"),
    Place("compare, empty", "/vergleich", "compare"),
    Place("ask", "/anfrage", "ask"),
    Place("ask, for a manual", "/anfrage?art=anleitung&zu=ZX999", "ask"),
    Place("ask, mistakes", "/anfrage", "ask", press=NEXT),
    Place("asked", "/anfrage", "asked", press=NEXT, once=True,
          typed=(("#f-about", "Rollen für Kinder"), ("#f-email", "frage@example.org"))),
    Place("basket, empty", "/warenkorb", "basket"),
    Place("basket", "/warenkorb", "basket", FULL),
    Place("basket, code refused", "/warenkorb", "basket", FULL, typed=(("#f-code", "GIBTESNICHT"),),
          press="form[action$='/warenkorb/code'] button"),
    Place("basket, a line taken out", "/warenkorb", "basket", "taken out"),
    Place("checkout", "/bestellen", "checkout", FULL),
    Place("checkout, mistakes", "/bestellen", "checkout", FULL,
          press="main form button.btn--action"),
    Place("review", "/bestellen/pruefen", "review", READY),
    Place("collect", "/bestellen/abholen", "collect", READY),
    Place("nobody at home", "/bestellen/ablage", "wish", READY),
    Place("reserve", "/reservieren", "hold", FULL),
    Place("reserve, mistakes", "/reservieren", "hold", FULL, press="main form button.btn--action"),
    Place("find order", "/bestellung", "order_find"),
    Place("find order, not found", "/bestellung", "order_find", press=NEXT, once=True,
          typed=(("#f-ref", "K-GIBTES"), ("#f-email", "niemand@example.org"))),
    Place("withdraw", "/vertrag-widerrufen", "withdraw"),
    Place("withdraw, mistakes", "/vertrag-widerrufen", "withdraw", press=NEXT),
    Place("withdraw, confirm", "/vertrag-widerrufen", "withdraw_confirm", press=NEXT,
          typed=(("#f-name", "Jens Müller"), ("#f-order_ref", "K-7F3KQ2"),
                 ("#f-email", "jens@example.org"))),
    Place("newsletter", "/newsletter", "newsletter"),
    Place("newsletter, mistakes", "/newsletter", "newsletter", press=NEXT),
    Place("newsletter, link is over", "/newsletter/gibt-es-nicht", "newsletter_confirm",
          press=NEXT),
    Place("newsletter, leave unknown", "/newsletter/abmelden/gibt-es-nicht", "newsletter_left",
          expect=404),
    Place("sign in", "/anmelden", "sign_in"),
    Place("sign in, mistakes", "/anmelden", "sign_in", press=NEXT, once=True),
    Place("sign in, link is over", "/anmelden/gibt-es-nicht", "sign_in_link", expect=410),
    Place("card link is over", "/konto/karte/gibt-es-nicht", "account/link_card_confirm",
          expect=410),
    Place("address link is over", "/konto/adresse-bestaetigen/gibt-es-nicht",
          "account/email_confirm", expect=410),
    Place("error 404", "/gibt-es-nicht", "../errors/page", expect=404),
)  # fmt: skip
"""What has the same address in every demo."""


def found(request: Any) -> list[Place]:
    """Return every page that a guest can look at, by walking through the shop once.

    Args:
        request: Playwright's API context of a visitor who has done nothing yet.
    """
    home = request.get("/").text()
    shelf = first(home, r'href="(/sortiment/[^"?]+)"')
    goods = goods_of(request, shelf)
    ticked = re.findall(r'name="artikel" value="([^"]+)"', request.get(shelf).text())
    versus = "&".join(f"artikel={sku}" for sku in ticked[:3])
    places = [
        *ALWAYS,
        Place("category", shelf, "category"),
        Place("category, nothing fits", f"{shelf}?preis=50000-", "category"),
        Place("product", goods[0], "product"),
        Place("product, for adults", "/artikel/guertelmesser", "product"),
        Place("compare", f"/vergleich?{versus}", "compare"),
    ]
    film = re.search(r'href="(/filme/[^"?]+)"', home)
    theme = re.search(r'href="(/thema/[^"]+)"', home)
    places += [Place("film", film[1], "film")] if film else []
    places += [Place("theme", theme[1], "theme")] if theme else []
    known = {place.path for place in places}
    legal = sorted(set(re.findall(r'href="(/[a-z-]+)"', _footer(home))) - known)
    return places + [Place(f"footer {path}", path, "legal") for path in legal]


def goods_of(request: Any, shelf: str) -> list[str]:
    """Return the addresses of the goods on a shelf."""
    body = request.get(shelf).text()
    return list(dict.fromkeys(re.findall(r'href="(/artikel/[^"]+)"', body)))


def fill_basket(request: Any, product: str) -> str:
    """Put a product into the visitor's basket, twice; return its SKU."""
    sku = first(request.get(product).text(), r'name="sku" value="([^"]+)"')
    sent(request, "/warenkorb/artikel", {"sku": sku, "quantity": "2"})
    request.get("/warenkorb")  # the message that it lies there is for this page
    return sku


def fill_in(request: Any) -> None:
    """Fill in the checkout form."""
    sent(request, "/bestellen", BUYER)


def order(request: Any) -> str:
    """Order and return the path of the order's page, as the payment page knows it."""
    answer = sent(request, "/bestellen/pruefen", {})
    return first(answer.text(), r'(/bestellung/[^"?]+\?t=[^"&]+)')


def sent(request: Any, path: str, form: dict[str, str], expect: int = 200) -> Any:
    """Send a form as the page of the shop would.

    Raises:
        RuntimeError: it is answered with another status.
    """
    answer = request.post(path, form=form, headers=OWN)
    if answer.status != expect:
        raise RuntimeError(f"{path} answered {answer.status}")
    return answer


def _footer(page: str) -> str:
    return page.partition("<footer")[2]


def first(page: str, pattern: str) -> str:
    """Return what a pattern finds first on a page.

    Raises:
        RuntimeError: nothing.
    """
    match = re.search(pattern, page)
    if match is None:
        raise RuntimeError(f"the page has nothing like {pattern}")
    return match[1]
