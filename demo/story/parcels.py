"""Third chapter: two places pack and hand over; the mails say what is in which parcel."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import zxingcpp
from PIL import Image
from playwright.sync_api import Page

from demo.story import cast
from demo.story.shopping import Ordered
from demo.story.shortage import STANDING, card_on_board, job_in_list, open_job, scan
from demo.story.stage import Stage
from demo.story.telling import Teller, same, told
from demo.story.windows import PHONE, Windows


@dataclass
class Parcels:
    """Bonn, then the warehouse."""

    windows: Windows
    stage: Stage
    teller: Teller
    order: Ordered
    customer: Page
    desk: Page
    cards: list[str] = field(default_factory=list)

    def play(self, picker: Page) -> str:
        """Play the chapter; return the address on the QR card."""
        store = self._store_picks()
        self._send(store, "Bonn", after=1)
        with self.teller.step("the warehouse has picked what was there"):
            picker.reload()
            picker.get_by_role("link", name="Packen").wait_for()
        self._send(picker, "the warehouse", after=2)
        self._mails()
        self._board()
        with self.teller.step("exactly one parcel carries the card with the QR code"):
            same(len(self.cards), 1, "cards in both parcels")
            self.customer.goto(self.order.address)
            self.windows.look(self.customer, "order-on-its-way")
        return self.cards[0]

    def _store_picks(self) -> Page:
        person = self.stage.person("picker", cast.STORE)
        with self.teller.step(f"{person.name} in Bonn sees the job marked today and picks it"):
            page = self.windows.staff(self.stage, person, self.stage.floor, PHONE)
            job = job_in_list(page, self.order.ref)
            job.wait_for()
            told("heute bis" in job.inner_text(), f"a job for today, saw {job.inner_text()!r}")
            self.windows.look(page, "floor-today")
            open_job(page, self.order.ref)
            scan(page, cast.HOOK_GTIN)
            page.get_by_role("link", name="Packen").wait_for()
        return page

    def _send(self, page: Page, who: str, *, after: int) -> None:
        with self.teller.step(f"{who} seals the parcel and hands it over"):
            page.get_by_role("link", name="Packen").click()
            page.get_by_role("button", name="Paket schließen").click()
            page.get_by_role("link", name="Alles zusammen drucken").wait_for()
            self.windows.look(page, f"floor-packed-{after}")
            job = page.url
            page.get_by_role("link", name="Alles zusammen drucken").click()
            page.wait_for_url("**/slip**")
            self.windows.look(page, f"slip-{after}")
            self.cards += _codes(page)
            page.goto(job)
            page.get_by_role("button", name="übergeben").click()
            page.get_by_text("Der Kunde bekommt jetzt Nachricht.").wait_for()
            sent = self.stage.wait_for_mails(self.order.ref, "unterwegs", after)
            same(len(sent), after, "mails about parcels on their way")

    def _board(self) -> None:
        with self.teller.step("the board shows both parcels on their way, by itself"):
            gone = card_on_board(self.desk, self.order.ref).get_by_text("unterwegs seit")
            gone.nth(1).wait_for()
            same(gone.count(), 2, "parcels on their way on the board")
            told(self.desk.evaluate(f"() => window.{STANDING}"), "a board that nobody loaded anew")

    def _mails(self) -> None:
        with self.teller.step("two mails: what is in the parcel, and what is still to come"):
            first, second = self.stage.wait_for_mails(self.order.ref, "unterwegs", 2)
            gone, still = _halves(first["text"])
            told(_says(gone, "Bonn", "Offset-Haken"), first["text"])
            told(_says(still, "Lager Kassel", cast.LURE_NAME), first["text"])
            told(cast.LURE_NAME not in gone and "Offset-Haken" not in still, first["text"])
            gone, still = _halves(second["text"])
            told(_says(gone, "Lager Kassel", cast.LURE_NAME), second["text"])
            told("Offset-Haken" not in second["text"], second["text"])
            told("alles unterwegs" in gone and not still, second["text"])


def _codes(page: Page) -> Sequence[str]:
    """Read the QR code of the card as a telephone does: from its picture."""
    card = page.locator(".paper--card .paper__code")
    if not card.count():
        return []
    with Image.open(io.BytesIO(card.screenshot())) as picture:
        return [code.text for code in zxingcpp.read_barcodes(picture)]


def _halves(text: str) -> tuple[str, str]:
    gone, _, still = text.partition("Das kommt noch")
    return gone, still


def _says(text: str, *facts: str) -> bool:
    return all(fact in text for fact in facts)
