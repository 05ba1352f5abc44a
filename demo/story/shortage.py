"""Second chapter: the shelf is empty although the books say three."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

from demo.story import cast
from demo.story.shopping import Ordered
from demo.story.stage import Stage
from demo.story.telling import NotAsToldError, Teller, same, told
from demo.story.windows import DESK, PHONE, Windows

_LOOK_AGAIN_SECONDS = 0.1
_GIVE_UP_SECONDS = 30.0
# A window that is loaded anew forgets it.
STANDING = "keptStanding"


@dataclass
class Shortage:
    """The picker at the warehouse, the store in Bonn, the back office; and the customer."""

    windows: Windows
    stage: Stage
    teller: Teller
    order: Ordered
    shopper: cast.Shopper
    customer: Page

    def play(self) -> tuple[Page, Page]:
        """Play the chapter; return the picker's window with the job in work, and the desk's."""
        picker = self._picker_starts()
        desk = self._desk_waits()
        store = self._store_waits()
        began = self._short_pick(picker)
        self._within_seconds(store, began)
        self._two_parcels()
        if self.shopper.contact_by == "call":
            self._call_task(store)
        else:
            self._mail()
        self._board(desk)
        return picker, desk

    def _picker_starts(self) -> Page:
        person = self.stage.person("picker", cast.WAREHOUSE)
        with self.teller.step(f"{person.name} signs in at the warehouse and takes the job"):
            page = self.windows.staff(self.stage, person, self.stage.floor, PHONE)
            self.windows.look(page, "floor-list")
            open_job(page, self.order.ref)
            page.get_by_placeholder("Scannen …").wait_for()
        with self.teller.step(f"scans {cast.LURES_WANTED} lures where there is no network"):
            page.locator("#pick[data-ready]").wait_for(state="attached")
            page.context.set_offline(offline=True)
            for done in range(1, cast.LURES_WANTED + 1):
                scan(page, cast.LURE_GTIN)
                page.get_by_text(f"{done}/{cast.LURES_WANTED + cast.HOOKS_WANTED}").wait_for()
            page.get_by_text("Ohne Netz.").wait_for()
            scan_wrong(page, cast.OTHER_GTIN)
            page.context.set_offline(offline=False)
            page.locator("#net").wait_for(state="hidden")
        self.windows.look(page, "floor-job")
        return page

    def _store_waits(self) -> Page:
        """Bonn has its list of calls open before anything happens."""
        lead = self.stage.person("store_lead", cast.STORE)
        return self.windows.staff(self.stage, lead, f"{self.stage.floor}calls", PHONE)

    def _short_pick(self, page: Page) -> float:
        with self.teller.step("the hooks are missing: reported with two taps"):
            row = page.locator("article.pick").filter(has_text=cast.HOOK)
            row.get_by_text("Fehlt …").click()
            row.get_by_role("button", name="liegt nicht da").click()
            began = time.monotonic()
            page.get_by_text(re.compile(r"gemeldet|\d fehlt")).first.wait_for()
        return began

    def _within_seconds(self, store: Page, began: float) -> None:
        """Ask again and again until the customer can see and is told; count from the second tap."""
        called = self.shopper.contact_by == "call"
        waiting: dict[str, Callable[[], object]] = {
            "two parcels on his order page": self._is_split,
            "call in Bonn" if called else "mail": (
                (lambda: self._call_waits(store)) if called else self._split_mails
            ),
        }
        with self.teller.step(f"within {cast.TELL_SECONDS:.0f} s of the second tap"):
            took = 0.0
            while waiting:
                for what, seen in list(waiting.items()):
                    if seen():
                        took = time.monotonic() - began
                        self.teller.found(f"{what} after {took:.1f} s")
                        del waiting[what]
                if waiting and time.monotonic() - began > _GIVE_UP_SECONDS:
                    raise NotAsToldError(f"not even after {_GIVE_UP_SECONDS} s: {list(waiting)}")
                time.sleep(_LOOK_AGAIN_SECONDS)
            self.teller.within(cast.TELL_SECONDS, took)

    def _is_split(self) -> bool:
        text = self.customer.request.get(self.order.address).text()
        return "Paket 1 · " in text and "Paket 2 · " in text

    def _call_waits(self, store: Page) -> bool:
        return self.order.ref in store.request.get(f"{self.stage.floor}calls").text()

    def _two_parcels(self) -> None:
        with self.teller.step("the order page: what is in which parcel, from where, and when"):
            self.customer.goto(self.order.address)
            parcels = self.customer.locator("article.card")
            same(parcels.count(), 2, "parcels on the order page")
            texts = [parcels.nth(place).inner_text() for place in range(2)]
            told(any("Lager Kassel" in t and cast.LURE_NAME in t for t in texts), str(texts))
            told(any("Bonn" in t and "Offset-Haken" in t for t in texts), str(texts))
            same(len(days(texts)), 2, f"days of arrival in {texts}")
            self.teller.found(" and ".join(days(texts)))
            self.windows.look(self.customer, "order-two-parcels")

    def _call_task(self, store: Page) -> None:
        with self.teller.step("the call in Bonn: deadline, what to say, and done"):
            store.goto(f"{self.stage.floor}calls")
            task = store.locator("article").filter(has_text=self.order.ref)
            text = task.inner_text()
            told(self.shopper.name in text, f"the name, saw {text!r}")
            deadline = re.search(r"bis (\d\d:\d\d)", text)
            told(deadline, f"a deadline, saw {text!r}")
            self.teller.found(f"until {deadline.group(1)}" if deadline else "")
            for fact in ("in 2 Paketen", "Lager Kassel", "Bonn", cast.LURE_NAME, "Offset-Haken"):
                told(fact in text, f"{fact!r} in what to say, saw {text!r}")
            same(len(days([text])), 2, f"days of arrival in {text!r}")
            self.windows.look(store, "floor-call")
            task.get_by_role("button", name="Erreicht").click()
            store.get_by_text("Notiert.").wait_for()

    def _mail(self) -> None:
        with self.teller.step("the mail: what is in which parcel, from where, and when"):
            (mail,) = self._split_mails()
            for fact in ("Paket 1 von 2", "Paket 2 von 2", "aus dem Lager Kassel",
                         "aus unserem Geschäft Bonn", cast.LURE_NAME, "Offset-Haken"):  # fmt: skip
                told(fact in mail["text"], f"{fact!r} in the mail, saw {mail['text']!r}")
            parcels, promised, _ = mail["text"].partition("Zugesagt: alles da bis")
            same(len(days([parcels])), 2, f"days of arrival in {mail['text']!r}")
            told(promised, f"the promised day, saw {mail['text']!r}")

    def _split_mails(self) -> list[dict[str, str]]:
        return [m for m in self.stage.mails(self.order.ref) if "in 2 Paketen" in m["subject"]]

    def _desk_waits(self) -> Page:
        """The back office has its board open before anything happens, and leaves it alone."""
        clerk = self.stage.person("back_office")
        page = self.windows.staff(self.stage, clerk, self.stage.office, DESK)
        page.evaluate(f"() => {{ window.{STANDING} = true }}")
        return page

    def _board(self, page: Page) -> None:
        clerk = self.stage.person("back_office")
        with self.teller.step(f"{clerk.name}'s board shows both parcels by itself, and why"):
            card = card_on_board(page, self.order.ref)
            card.locator(".parcel").nth(1).wait_for()
            same(card.locator(".parcel").count(), 2, "parcels on the board")
            told(page.evaluate(f"() => window.{STANDING}"), "a board that nobody loaded anew")
            reason = card.locator(".reason").inner_text()
            told("Bonn" in reason, f"a reason that names Bonn, saw {reason!r}")
            self.teller.found(reason.split(". ")[0])
            self.windows.look(page, "board")


def card_on_board(page: Page, ref: str) -> Locator:
    """Return the order's card on the board of split shipments."""
    return page.locator("#board article").filter(has_text=ref)


def days(texts: list[str]) -> list[str]:
    """Return the days that texts name, e.g. ``Freitag, 27.11.``."""
    return [day for text in texts for day in re.findall(r"(?:\w+tag|Mittwoch), \d+\.\d+\.", text)]


def open_job(page: Page, ref: str) -> None:
    """Take an order's job from the floor's list, or go on with it."""
    job = job_in_list(page, ref)
    job.first.wait_for()
    job.first.click()
    page.wait_for_url("**/floor/jobs/*")


def job_in_list(page: Page, ref: str) -> Locator:
    """Return the order's entry in the floor's list."""
    return page.locator(".job").filter(has_text=ref)


def scan_wrong(page: Page, code: str) -> None:
    """Scan what does not belong here: refused on the spot, and nothing is counted."""
    before = page.locator("#done-count").inner_text()
    field = page.get_by_placeholder("Scannen …")
    field.fill(code)
    field.press("Enter")
    page.get_by_text("Falscher Artikel").wait_for()
    same(page.locator("#done-count").inner_text(), before, "units counted after a wrong scan")


def scan(page: Page, code: str) -> None:
    """Scan as a hand-held does: type the code, press Enter."""
    before = page.locator("#done-count").inner_text()
    field = page.get_by_placeholder("Scannen …")
    field.fill(code)
    field.press("Enter")
    counted = "before => document.getElementById('done-count')?.textContent !== before"
    page.wait_for_function(counted, arg=before)
