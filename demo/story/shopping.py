"""First chapter: from the search to the payment. All of it works without JavaScript, too."""

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page

from demo.story import cast
from demo.story.stage import Stage
from demo.story.telling import Teller, same, told
from demo.story.windows import Look

_SPELLINGS = ("gummikoeder", "Gumiköder", "Köder", "Gummiköder")
_FILM_SECONDS = 170
_SMALLEST_PDF = 5_000


@dataclass
class Ordered:
    """An order as its buyer knows it; money in cents."""

    ref: str
    address: str
    goods_minor: int
    total_minor: int


@dataclass
class Shopping:
    """Herr Müller with his telephone."""

    page: Page
    stage: Stage
    teller: Teller
    look: Look
    shopper: cast.Shopper
    scripts: bool = True

    def until_payment(self, need_by: date) -> Ordered:
        """Play the chapter up to the payment page; return the order."""
        self.search()
        self.read_and_watch()
        self.choose()
        self.fill_basket()
        self.give_number()
        return self.order(need_by)

    def search(self) -> None:
        """Every spelling leads to the lures."""
        with self.teller.step("search for " + ", ".join(_SPELLINGS)):
            self.page.goto(self.stage.shop)
            self.look(self.page, "home")
            for spelling in _SPELLINGS:
                # Typing turns the search box into one with suggestions, which is another role.
                self.page.locator("#search").fill(spelling)
                self.page.locator("#search").press("Enter")
                self.page.wait_for_url("**/sortiment/*")
                lures = self.page.get_by_role("link", name=re.compile(cast.LURE_NAME))
                told(lures.count(), f"{spelling} finds {cast.LURE_NAME}, saw {self.page.url}")
            same(urlsplit(self.page.url).path, cast.SHELF, "Gummiköder opens the shelf")
            self.look(self.page, "category")

    def read_and_watch(self) -> None:
        """The free guide is a PDF; the film says that these lures need other hooks."""
        with self.teller.step("a guide as PDF, without signing in"):
            guide = self.page.locator(f'a[href*="{cast.GUIDE}"]').first
            paper = self.page.request.get(str(guide.evaluate("link => link.href")))
            content = paper.body()
            same(paper.headers["content-type"], "application/pdf", "the guide is a PDF")
            told(content.startswith(b"%PDF-"), f"a PDF, saw {content[:20]!r}")
            told(content.rstrip().endswith(b"%%EOF"), "all of it")
            told(len(content) > _SMALLEST_PDF, f"some pages, saw {len(content)} bytes")
            self.teller.found(f"{len(content) // 1000} kB")
        with self.teller.step("the film says that these lures need other hooks"):
            self.page.locator(f'a.tile[href*="{cast.FILM}"]').first.click()
            player = self.page.locator("[data-player]")
            player.wait_for()
            chapter = player.get_by_role("link", name=re.compile("andere Haken"))
            same(chapter.count(), 1, "chapters about the hooks")
            if self.scripts:
                self._watch(chapter)
            self._read_captions()

    def _watch(self, chapter: Locator) -> None:
        video = self.page.locator("video")
        self.page.wait_for_function("() => document.querySelector('video').readyState >= 1")
        seconds = video.evaluate("video => video.duration")
        told(seconds >= _FILM_SECONDS, f"three minutes of film, saw {seconds} s")
        chapter.click()
        self.page.wait_for_function(
            "() => { const v = document.querySelector('video');"
            " return v.currentTime >= 144 && v.readyState >= 2; }"
        )
        at = video.evaluate("video => video.currentTime")
        self.teller.found(f"{seconds:.0f} s, chapter at {at:.0f} s")
        video.evaluate("video => video.pause()")

    def _read_captions(self) -> None:
        track = self.page.locator('track[srclang="de"]').first.evaluate("track => track.src")
        words = self.page.request.get(str(track)).text()
        told("Haken" in words, "the captions speak of hooks")

    def choose(self) -> None:
        """One click leads back; the product page says when and where."""
        with self.teller.step("one click from the film back into the shop"):
            if not self.scripts:
                # The film has a page of its own then.
                self.page.get_by_role("link", name=re.compile("^Zurück zu")).click()
                self.page.wait_for_url(f"**{cast.SHELF}")
            needed = self.page.locator(".needed").get_by_role("link")
            needed.filter(has_text="Offset-Haken").first.wait_for()
            self.page.get_by_role("link", name=re.compile(f"^{cast.LURE_NAME}")).first.click()
            self.page.wait_for_url("**/artikel/**")
        with self.teller.step("the product page: stock per location, and a delivery date"):
            self.page.locator(f'a.swatch[href$="sku={cast.LURE}"]').click()
            self.page.wait_for_url(f"**sku={cast.LURE}")
            where = self.page.locator(".where").inner_text()
            for place in ("Bonn", "Köln", "Koblenz"):
                told(re.search(rf"\d+ in {place}", where), f"stock in {place}, saw {where!r}")
            day = re.search(r"Bei Ihnen am\s+(\w+, \d+\.\d+\.)", where)
            told(day, f"a delivery date, saw {where!r}")
            self.teller.found(day.group(1) if day else "")
            self.look(self.page, "product")

    def fill_basket(self) -> None:
        """Lures in; the basket offers the hooks that fit; one click."""
        with self.teller.step(f"{cast.LURES_WANTED} lures into the basket"):
            self.page.get_by_label("Menge", exact=True).fill(str(cast.LURES_WANTED))
            button = self.page.get_by_role("button", name="In den Warenkorb")
            with self.page.expect_response(lambda answer: answer.request.method == "POST"):
                button.click()
            self.page.locator("#basket-link .count").filter(has_text="2").wait_for()
            self.page.locator("#basket-link").click()
            self.page.wait_for_url("**/warenkorb")
        with self.teller.step("the basket offers the hooks that fit; one click"):
            self._row(cast.LURE).wait_for()
            offer = self.page.locator(".offer").filter(
                has=self.page.locator(f'input[name="sku"][value="{cast.HOOK}"]')
            )
            same(offer.count(), 1, "offers of the hooks")
            self.teller.found(offer.locator("p").first.inner_text().split("·")[0].strip())
            self.look(self.page, "basket")
            offer.get_by_role("button").click()
            self._row(cast.HOOK).wait_for()

    def _row(self, sku: str) -> Locator:
        return self.page.locator(f"#q-{sku}")

    def give_number(self) -> None:
        """The number of the store's card gives the store's prices."""
        with self.teller.step("customer number: the prices of the till"):
            form = self.page.locator('form[action$="/warenkorb/kundennummer"]')
            if not form.is_visible():
                self.page.get_by_text("Kundennummer", exact=True).first.click()
            number = self.shopper.number
            spaced = f"{number[0]} {number[1:4]} {number[4:]}"
            form.get_by_label(re.compile("^Kundennummer")).fill(spaced)
            form.get_by_role("button", name="Übernehmen").click()
            self.page.get_by_text("Kundenpreis").wait_for()
            asked = {
                "lines": [
                    {"sku": cast.LURE, "quantity": cast.LURES_WANTED},
                    {"sku": cast.HOOK, "quantity": cast.HOOKS_WANTED},
                ],
                "customer_number": self.shopper.number,
            }
            till = self.stage.till_asks(cast.STORE, "quotes", asked)
            same(self._goods_minor(), till["total_minor"], "the goods cost what the till says")
            self.teller.found(f"{till['total_minor'] / 100:.2f} €".replace(".", ","))
            self.teller.found(f"{till['points']} points")

    def _amount(self, term: str) -> int:
        row = self.page.locator("dl.facts--sum").first.locator(
            f"xpath=.//dt[normalize-space()='{term}']/following-sibling::dd[1]"
        )
        text = row.inner_text()
        return 0 if text == "kostenlos" else cents(text)

    def _goods_minor(self) -> int:
        return self._amount("Gesamt") - self._amount("Versand")

    def order(self, need_by: date) -> Ordered:
        """Check out as a guest, order, and stand before the payment page."""
        goods, total = self._goods_minor(), self._amount("Gesamt")
        with self.teller.step("checkout as a guest"):
            self.page.get_by_role("link", name="Zur Bestellung").click()
            self._type(need_by)
            self.look(self.page, "checkout")
            self.page.get_by_role("button", name="Weiter zur Prüfung").click()
            self.page.wait_for_url("**/bestellen/pruefen")
            same(self._amount("Gesamt"), total, "the total of the basket")
            self.look(self.page, "review")
        with self.teller.step("Zahlungspflichtig bestellen: on to the provider's payment page"):
            self.page.get_by_role("button", name="Zahlungspflichtig bestellen").click()
            self.page.wait_for_url("**/c/pay/cs_test_*")
            self.look(self.page, "payment")
            mail = self._confirmation_of_receipt()
            self.teller.found(mail.ref)
        return Ordered(mail.ref, mail.address, goods, total)

    def _type(self, need_by: date) -> None:
        who = self.shopper
        self.page.get_by_label("Vor- und Nachname").fill(who.name)
        self.page.get_by_label("Straße und Hausnummer").fill(who.street)
        self.page.get_by_label("Postleitzahl").fill(who.postal_code)
        self.page.get_by_label("Ort", exact=True).fill(who.city)
        self.page.get_by_label("E-Mail", exact=True).fill(who.email)
        self.page.locator(f'input[name="contact_by"][value="{who.contact_by}"]').check()
        self.page.get_by_label(re.compile("^Telefon")).fill(who.phone)
        self.page.get_by_label(re.compile("bis zu einem Tag")).fill(need_by.isoformat())

    def _confirmation_of_receipt(self) -> Ordered:
        """Find the order by the address to which the payment page leads back."""
        back = self.page.locator('a[href*="/bestellung/"]').first.evaluate("link => link.href")
        parts = urlsplit(str(back))
        ref = parts.path.rsplit("/", 1)[-1]
        told("t" in parse_qs(parts.query), "the way back carries the secret of the order")
        return Ordered(ref, str(back), 0, 0)

    def pay(self, order: Ordered) -> None:
        """Pay; the shop thanks and says in how many parcels it comes."""
        with self.teller.step("paid with a test card; the order page thanks"):
            self.page.locator(".test-cards a").first.click()
            self.page.get_by_label(re.compile("Gültig|Ablauf|bis")).first.fill("12/34")
            self.page.locator("#cvc").fill("123")
            self.page.get_by_role("button", name=re.compile("zahlen")).click()
            self.page.wait_for_url(f"**/bestellung/{order.ref}?**")
            self.page.get_by_role("heading", name=f"Danke, {self.shopper.name}").wait_for()
            same(self.page.locator("article.card").count(), 1, "parcels on the order page")
            order.address = self.page.url
            self.look(self.page, "order")
        with self.teller.step("two confirmations in the mail sink"):
            (placed,) = self.stage.wait_for_mails(order.ref, "ist eingegangen")
            (paid,) = self.stage.wait_for_mails(order.ref, "wird gepackt")
            told("Paket 1 von 1, aus dem Lager Kassel" in paid["text"], paid["text"])
            told(self.shopper.email in placed["to"], placed["to"])


def cents(text: str) -> int:
    """Return an amount as it is shown, e.g. ``−1,05 €``, in cents."""
    sign = -1 if text.strip().startswith(("−", "-")) else 1
    return sign * int("".join(character for character in text if character.isdigit()))
