"""The states that somebody has to have brought about: signed in, paid, cancelled, put aside."""

import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

from bench import audit_pages, audit_troubles
from bench.audit_pages import EMPTY, FULL, NEXT, READY, Place, sent
from tests.live import LiveShop

MEMBER, NEWCOMER, REGULAR, OUT = "account", "new account", "regular", "taken out"
"""Further visitors: a customer for whom something is kept, one who is new, one with purchases of
both channels, somebody who took out a line."""
_MEMBER = "gisela.abendroth@example.org"
_CARD = {"number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123", "name": "Jens Müller"}
# Who bought in a store and in the shop, and most.
_REGULAR = """
    SELECT customers.email FROM customers JOIN orders ON orders.customer_number = customers.number
    JOIN order_lines AS line ON line.order_id = orders.id JOIN items USING (sku)
    WHERE customers.email <> '' AND orders.state = 'completed' GROUP BY customers.email
    ORDER BY bool_or(orders.channel = 'till') DESC, count(DISTINCT orders.channel) DESC,
        count(*) DESC, customers.email
"""
# A demo that has just begun has letters of weeks to send.
_PATIENCE = 90
_PAPER = re.compile(r"https?://[^/\s]+(/\S+)")


class Walk:
    """Goes through a running demo as several visitors and notes where their states are seen."""

    def __init__(self, demo: LiveShop, play: Any) -> None:
        self._demo = demo
        self._play = play
        self.nobody = self.guest()
        self.places = audit_pages.found(self.nobody)
        shelf = next(place.path for place in self.places if place.name == "category")
        self.goods = audit_pages.goods_of(self.nobody, shelf)
        self.states: dict[str, Any] = {EMPTY: self.nobody.storage_state()}

    def all(self) -> tuple[list[Place], dict[str, Any]]:
        """Return every place, and the cookies of every visitor."""
        self._baskets()
        self.places += [*self._orders(), *self._kept_in_store(), *self._offers()]
        self.places += [*self._newsletter(), *self._accounts(), *self._card()]
        self.places += audit_troubles.places(self)
        return self.places, self.states

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

    def _baskets(self) -> None:
        buyer = self.buyer()
        self.states[FULL] = buyer.storage_state()
        audit_pages.fill_in(buyer)
        self.states[READY] = buyer.storage_state()
        other = self.guest()
        sku = audit_pages.fill_basket(other, self.goods[0])
        other.post("/warenkorb/entfernen", form={"sku": sku}, headers=audit_pages.OWN,
                   max_redirects=0)  # fmt: skip
        self.states[OUT] = other.storage_state()

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

    def _orders(self) -> Iterator[Place]:
        placed = self.ordered()
        yield Place("order, to be paid", placed, "order")
        yield Place("order, payment asked for", f"{placed}&zahlung=geprueft", "order")
        yield Place("order, no answer", f"{placed}&zahlung=spaeter", "order")
        paid = self.paid()
        path, _, query = paid.partition("?")
        yield Place("order, paid", paid, "order")
        yield Place("change delivery", f"{path}/aendern?{query}", "order_change")
        yield Place("cancel", f"{path}/stornieren?{query}", "order_cancel")
        yield Place("cancel, confirm", f"{path}/stornieren?{query}", "order_cancel", press=NEXT)
        ref = path.rpartition("/")[2]
        declared = f"/vertrag-widerrufen?bestellung={ref}&{query}"
        yield Place("withdraw, from the order", declared, "withdraw")
        yield Place("withdrawn", "/vertrag-widerrufen/eingegangen", "withdrawn", "withdrawn")
        yield Place("order, withdrawn", paid, "order")
        one = self.guest()
        form = {"name": "Jens Müller", "order_ref": ref, "email": audit_pages.BUYER["email"]}
        sent(one, "/vertrag-widerrufen", {**form, "bestaetigen": "1", "key": "audit"})
        self.states["withdrawn"] = one.storage_state()
        gone = self.paid()
        gone_path, _, gone_query = gone.partition("?")
        page = self.nobody.get(f"{gone_path}/stornieren?{gone_query}").text()
        units = dict(re.findall(r'name="(units-[^"]+)"[^>]*max="(\d+)"', page))
        key = gone_query.removeprefix("t=")
        sent(self.guest(), f"{gone_path}/stornieren",
             {**units, "t": key, "key": "audit", "bestaetigen": "1"})  # fmt: skip
        yield Place("order, cancelled", gone, "order")
        yield Place("order, link is wrong", f"{gone_path}?t=x", "../errors/page", expect=404)

    def _kept_in_store(self) -> Iterator[Place]:
        yield Place("put aside", self.held(self.buyer()), "hold_page")
        ready = self._link(_MEMBER, "/reservierung/")
        yield Place("put aside, ready", ready, "hold_page")
        other = self.buyer()
        gone = self.held(other)
        path, _, token = gone.partition("?t=")
        sent(other, f"{path}/absage", {"t": token})
        yield Place("put aside, called off", gone, "hold_page")

    def held(self, buyer: Any) -> str:
        """Have a basket put aside; return the path of its page."""
        store = re.search(r'name="store" value="([^"]+)"', buyer.get("/reservieren").text())
        if store is None:
            raise RuntimeError("no store has what was to be put aside")
        # What one person may have put aside is bounded, and a demo may be audited again.
        who = {"name": "Jens Müller", "email": f"jens.{time.time_ns()}@example.org"}
        held = sent(buyer, "/reservieren", {**who, "store": store[1]})
        return self.path_of(held.url)

    def _offers(self) -> Iterator[Place]:
        yield Place("offer", self._link(_MEMBER, "/angebot/"), "counter_offer")
        over = self.rows("SELECT token FROM counter_offers ORDER BY valid_until_at LIMIT 1")
        yield Place("offer, over", f"/angebot/{over[0][0]}", "counter_offer")
        offer = self._link(_MEMBER, "/angebot/")
        yield Place("offer, mistakes", offer, "counter_offer", press="main form button.btn--action",
                    typed=(("#f-postal_code", "1"),))  # fmt: skip

    def _newsletter(self) -> Iterator[Place]:
        agreed = (("#f-email", "brief@example.org"), ("#f-agree", ""))
        yield Place("newsletter, mail sent", "/newsletter", "newsletter_sent", press=NEXT,
                    typed=agreed, once=True)  # fmt: skip
        address = "neu@example.org"
        sent(self.guest(), "/newsletter", {"email": address, "agree": "1"})
        link = self._link(address, "/newsletter/")
        yield Place("newsletter, confirm", link, "newsletter_confirm")
        second = "neuer@example.org"
        sent(self.guest(), "/newsletter", {"email": second, "agree": "1"})
        once = self._link(second, "/newsletter/")
        yield Place("newsletter, confirmed", once, "newsletter_done", press=NEXT, once=True)
        third = "dritter@example.org"
        old = self._links(third, "/newsletter/")
        sent(self.guest(), "/newsletter", {"email": third, "agree": "1"})
        done = sent(self.guest(), self._link(third, "/newsletter/", old), {}).text()
        leave = re.search(r'href="[^"]*?(/newsletter/abmelden/[^"]+)"', done)
        if leave is None:
            raise RuntimeError("the page of a confirmed newsletter has no way out")
        yield Place("newsletter, leave", leave[1], "newsletter_left")
        yield Place("newsletter, left", leave[1], "newsletter_left", press=NEXT)

    def _accounts(self) -> Iterator[Place]:
        yield Place("sign in, mail sent", "/anmelden", "sign_in_sent", press=NEXT, once=True,
                    typed=(("#f-email", "post@example.org"),))  # fmt: skip
        sent(self.guest(), "/anmelden", {"email": "offen@example.org"})
        yield Place("sign in, link", self._link("offen@example.org", "/anmelden/"), "sign_in_link")
        self.states[MEMBER] = self._signed_in(_MEMBER)
        self.states[NEWCOMER] = self._signed_in("neuling@example.org")
        self.states[REGULAR] = self._signed_in(str(self.rows(_REGULAR)[0][0]))
        for who in (MEMBER, NEWCOMER, REGULAR):
            for path, template in _ACCOUNT.items():
                yield Place(f"{who} {path}", f"/konto{path}", template, who)
        regular = self._play.request.new_context(
            base_url=self._demo.shop, storage_state=self.states[REGULAR]
        )
        bought = regular.get("/konto/einkaeufe?wo=laden").text()
        receipt = audit_pages.first(bought, r'href="(/konto/beleg/[^"]+)"')
        yield Place("account receipt", receipt, "account/receipt", REGULAR)
        yield from self._returned()
        yield Place("account, checkout", "/warenkorb", "basket", MEMBER)
        yield from self._of_newcomer()

    def _returned(self) -> Iterator[Place]:
        """Yield the form of a return, of the first order that lets itself be returned."""
        for ref, token in self.rows(
            "SELECT ref, token FROM orders WHERE channel = 'web' AND state = 'completed'"
            " ORDER BY placed_at DESC LIMIT 20"
        ):
            path = f"/bestellung/{ref}"
            if "/zurueckgeben?" in self.nobody.get(f"{path}?t={token}").text():
                form = f"{path}/zurueckgeben?t={token}"
                yield Place("return", form, "order_return")
                yield Place("return, mistakes", form, "order_return", press=NEXT, once=True)
                return
        raise RuntimeError("nothing that was bought online can be returned")

    def _of_newcomer(self) -> Iterator[Place]:
        new = self._play.request.new_context(
            base_url=self._demo.shop, storage_state=self.states[NEWCOMER]
        )
        yield Place("link card, mistakes", "/konto/karte", "account/link_card", NEWCOMER,
                    press="main form.narrow button", once=True)  # fmt: skip
        sent(new, "/konto/karte", {"number": "4184270"})
        link = self._link("sabine.decker@example.org", "/konto/karte/")
        yield Place("link card, confirm", link, "account/link_card_confirm")
        yield Place("link card, mail sent", "/konto/karte", "account/link_card_sent", NEWCOMER,
                    press="main form.narrow button", typed=(("#f-number", "4184270"),),
                    once=True)  # fmt: skip
        sent(new, "/konto/mailadresse", {"email": "umgezogen@example.org"})
        moved = self._link("umgezogen@example.org", "/konto/adresse-bestaetigen/")
        yield Place("address, confirm", moved, "account/email_confirm")
        address = {"name": "Nora Neu", "street": "Sternstraße 5", "postal_code": "53111",
                   "city": "Bonn"}  # fmt: skip
        listed = sent(new, "/konto/adressen", address).text()
        one = re.search(r'href="(/konto/adressen/[0-9a-f-]{36})"', listed)
        if one is None:
            raise RuntimeError("the address that was just kept is not listed")
        yield Place("account, one address", one[1], "account/address", NEWCOMER)

    def _card(self) -> Iterator[Place]:
        token = self.rows("SELECT token FROM parcel_inserts LIMIT 1")[0][0]
        yield Place("card", f"/fang/{token}", "../community/card")
        yield Place("card, mistakes", f"/fang/{token}", "../community/card",
                    press="main form button.btn--action", once=True)  # fmt: skip
        yield Place("card, unknown", "/fang/gibt-es-nicht", "../errors/page", expect=404)

    def _signed_in(self, email: str) -> Any:
        guest = self.guest()
        old = self._links(email, "/anmelden/")
        sent(guest, "/anmelden", {"email": email})
        sent(guest, self._link(email, "/anmelden/", old), {})
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

    def _links(self, to: str, beginning: str) -> list[str]:
        """Return the addresses in the mails to somebody that begin so, the newest first."""
        found = [path for mail in self._demo.mails(to) for path in _PAPER.findall(mail["text"])]
        return [str(path).rstrip(".,)") for path in found if path.startswith(beginning)]

    def _link(self, to: str, beginning: str, old: Sequence[str] = ()) -> str:
        """Return the newest of them, once there is one that was not there before."""
        for _ in range(_PATIENCE * 10):
            for path in self._links(to, beginning):
                if path not in old:
                    return path
            time.sleep(0.1)
        raise RuntimeError(f"no mail to {to} leads to {beginning}")


_ACCOUNT = {
    "": "account/overview",
    "/einkaeufe": "account/orders",
    "/geraete": "account/devices",
    "/punkte": "account/points",
    "/adressen": "account/addresses",
    "/einstellungen": "account/settings",
    "/karte": "account/link_card",
    "/loeschen": "account/delete",
}
