"""Visitors of a running demo: what they do before a state can be seen, and what it knows then."""

import re
import time
from collections.abc import Sequence
from typing import Any

import psycopg

from bench import audit_pages
from bench.audit_pages import EMPTY, sent
from tests.live import LiveShop

_CARD = {"number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123", "name": "Jens Müller"}
# A demo that has just begun has letters of weeks to send.
_PATIENCE = 90
_PAPER = re.compile(r"https?://[^/\s]+(/\S+)")


class Visitors:
    """Buys, puts aside and signs in as several people. `states`: their cookies, by name."""

    def __init__(self, demo: LiveShop, play: Any) -> None:
        self._demo = demo
        self._play = play
        self.nobody = self.guest()
        self.places = audit_pages.found(self.nobody)
        shelf = next(place.path for place in self.places if place.name == "category")
        self.goods = audit_pages.goods_of(self.nobody, shelf)
        self.states: dict[str, Any] = {EMPTY: self.nobody.storage_state()}

    def guest(self) -> Any:
        """Return somebody new."""
        return self._play.request.new_context(base_url=self._demo.shop)

    def buyer(self) -> Any:
        """Return somebody new with goods in the basket."""
        guest = self.guest()
        self.fill(guest)
        return guest

    def fill(self, visitor: Any, product: str = "") -> None:
        """Put a product into a visitor's basket; the first of the shelf where none is named."""
        audit_pages.fill_basket(visitor, product or self.goods[0])

    def ordered(self) -> str:
        """Order without paying, and return the path of the order's page."""
        buyer = self.buyer()
        audit_pages.fill_in(buyer)
        return audit_pages.order(buyer)

    def paid(self) -> str:
        """Order, pay on the double's page, and return the path of the order's page."""
        buyer = self.buyer()
        audit_pages.fill_in(buyer)
        page = sent(buyer, "/bestellen/pruefen", {})
        form = {**_CARD, "email": audit_pages.BUYER["email"]}
        back = buyer.post(page.url, form=form)
        return self.path_of(back.url)

    def path_of(self, address: str) -> str:
        """Return an address of the shop without its host."""
        return re.sub(r"^https?://[^/]+", "", address)

    def held(self, buyer: Any) -> str:
        """Have a basket put aside; return the path of its page."""
        store = re.search(r'name="store" value="([^"]+)"', buyer.get("/reservieren").text())
        if store is None:
            raise RuntimeError("no store has what was to be put aside")
        # What one person may have put aside is bounded, and a demo may be audited again.
        who = {"name": "Jens Müller", "email": f"jens.{time.time_ns()}@example.org"}
        held = sent(buyer, "/reservieren", {**who, "store": store[1]})
        return self.path_of(held.url)

    def signed_in(self, email: str) -> Any:
        """Sign in by the link that is mailed; return the cookies."""
        guest = self.guest()
        old = self.links(email, "/anmelden/")
        sent(guest, "/anmelden", {"email": email})
        sent(guest, self.link(email, "/anmelden/", old), {})
        return guest.storage_state()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return what the database alone knows: secret links that no mail of this demo holds.

        Raises:
            RuntimeError: nothing.
        """
        rows = self.known(query, *values)
        if not rows:
            raise RuntimeError(f"the demo has nothing to show for {query}")
        return rows

    def known(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return what the database knows, also if that is nothing."""
        with self._database() as db:
            return db.execute(query, values).fetchall()

    def write(self, statement: str, *values: Any) -> None:
        """Change what only time or other people would change.

        Raises:
            RuntimeError: no row, or several.
        """
        with self._database() as db:
            if db.execute(statement, values).rowcount != 1:
                raise RuntimeError(f"not one row: {statement}")

    def _database(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self._demo.environment["DATABASE_URL"].replace("+psycopg", ""))

    def links(self, to: str, beginning: str) -> list[str]:
        """Return the addresses in the mails to somebody that begin so, the newest first."""
        found = [path for mail in self._demo.mails(to) for path in _PAPER.findall(mail["text"])]
        return [str(path).rstrip(".,)") for path in found if path.startswith(beginning)]

    def link(self, to: str, beginning: str, old: Sequence[str] = ()) -> str:
        """Return the newest of them, once there is one that was not there before."""
        for _ in range(_PATIENCE * 10):
            for path in self.links(to, beginning):
                if path not in old:
                    return path
            time.sleep(0.1)
        raise RuntimeError(f"no mail to {to} leads to {beginning}")
