"""The states that somebody has to have brought about: signed in, paid, cancelled, put aside."""

import re
from collections.abc import Iterator
from typing import Any

from bench import audit_pages, audit_troubles
from bench.audit_pages import FULL, NEXT, READY, Place, sent
from bench.audit_visitors import Visitors

MEMBER, NEWCOMER, REGULAR, OUT = "account", "new account", "regular", "taken out"
"""Further visitors: a customer for whom something is kept, one who is new, one with purchases of
both channels, somebody who took out a line."""
_MEMBER = "gisela.abendroth@example.org"
# Who bought in a store and in the shop, and most.
_REGULAR = """
    SELECT customers.email FROM customers JOIN orders ON orders.customer_number = customers.number
    JOIN order_lines AS line ON line.order_id = orders.id JOIN items USING (sku)
    WHERE customers.email <> '' AND orders.state = 'completed' GROUP BY customers.email
    ORDER BY bool_or(orders.channel = 'till') DESC, count(DISTINCT orders.channel) DESC,
        count(*) DESC, customers.email
"""


class Walk(Visitors):
    """Goes through a running demo as several visitors and notes where their states are seen."""

    def all(self) -> tuple[list[Place], dict[str, Any]]:
        """Return every place, and the cookies of every visitor."""
        self._baskets()
        self.places += [*self._orders(), *self._kept_in_store(), *self._offers()]
        self.places += [*self._newsletter(), *self._accounts(), *self._card()]
        self.places += audit_troubles.places(self)
        return self.places, self.states

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
        ready = self.link(_MEMBER, "/reservierung/")
        yield Place("put aside, ready", ready, "hold_page")
        other = self.buyer()
        gone = self.held(other)
        path, _, token = gone.partition("?t=")
        sent(other, f"{path}/absage", {"t": token})
        yield Place("put aside, called off", gone, "hold_page")

    def _offers(self) -> Iterator[Place]:
        yield Place("offer", self.link(_MEMBER, "/angebot/"), "counter_offer")
        over = self.rows("SELECT token FROM counter_offers ORDER BY valid_until_at LIMIT 1")
        yield Place("offer, over", f"/angebot/{over[0][0]}", "counter_offer")
        offer = self.link(_MEMBER, "/angebot/")
        yield Place("offer, mistakes", offer, "counter_offer", press="main form button.btn--action",
                    typed=(("#f-postal_code", "1"),))  # fmt: skip

    def _newsletter(self) -> Iterator[Place]:
        agreed = (("#f-email", "brief@example.org"), ("#f-agree", ""))
        yield Place("newsletter, mail sent", "/newsletter", "newsletter_sent", press=NEXT,
                    typed=agreed, once=True)  # fmt: skip
        address = "neu@example.org"
        sent(self.guest(), "/newsletter", {"email": address, "agree": "1"})
        link = self.link(address, "/newsletter/")
        yield Place("newsletter, confirm", link, "newsletter_confirm")
        second = "neuer@example.org"
        sent(self.guest(), "/newsletter", {"email": second, "agree": "1"})
        once = self.link(second, "/newsletter/")
        yield Place("newsletter, confirmed", once, "newsletter_done", press=NEXT, once=True)
        third = "dritter@example.org"
        old = self.links(third, "/newsletter/")
        sent(self.guest(), "/newsletter", {"email": third, "agree": "1"})
        done = sent(self.guest(), self.link(third, "/newsletter/", old), {}).text()
        leave = re.search(r'href="[^"]*?(/newsletter/abmelden/[^"]+)"', done)
        if leave is None:
            raise RuntimeError("the page of a confirmed newsletter has no way out")
        yield Place("newsletter, leave", leave[1], "newsletter_left")
        yield Place("newsletter, left", leave[1], "newsletter_left", press=NEXT)

    def _accounts(self) -> Iterator[Place]:
        yield Place("sign in, mail sent", "/anmelden", "sign_in_sent", press=NEXT, once=True,
                    typed=(("#f-email", "post@example.org"),))  # fmt: skip
        sent(self.guest(), "/anmelden", {"email": "offen@example.org"})
        yield Place("sign in, link", self.link("offen@example.org", "/anmelden/"), "sign_in_link")
        self.states[MEMBER] = self.signed_in(_MEMBER)
        self.states[NEWCOMER] = self.signed_in("neuling@example.org")
        self.states[REGULAR] = self.signed_in(str(self.rows(_REGULAR)[0][0]))
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
        link = self.link("sabine.decker@example.org", "/konto/karte/")
        yield Place("link card, confirm", link, "account/link_card_confirm")
        yield Place("link card, mail sent", "/konto/karte", "account/link_card_sent", NEWCOMER,
                    press="main form.narrow button", typed=(("#f-number", "4184270"),),
                    once=True)  # fmt: skip
        sent(new, "/konto/mailadresse", {"email": "umgezogen@example.org"})
        moved = self.link("umgezogen@example.org", "/konto/adresse-bestaetigen/")
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
