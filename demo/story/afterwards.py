"""Last chapter: the card, the points, the till, and stock that explains itself."""

import io
import re
import secrets
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Page

from demo.story import cast
from demo.story.shopping import Ordered, cents
from demo.story.stage import Stage
from demo.story.telling import Teller, same, told
from demo.story.windows import DESK, PHONE, Windows

_POINTS_SECONDS = 15
_MAKER, _GPS = 0x010F, 0x8825


@dataclass
class Afterwards:
    """What comes after the parcels."""

    windows: Windows
    stage: Stage
    teller: Teller
    order: Ordered
    shopper: cast.Shopper

    def points(self) -> int:
        """Return Herr Müller's points, as the till in Bonn sees them."""
        seen = self.stage.till_asks(cast.STORE, f"customers/{self.shopper.number}")
        return int(seen["points"])

    def play(self, card: str, points_before: int) -> None:
        """Play the chapter."""
        self._card(card)
        self._points(points_before)
        self._till()
        self._why()
        self._invariants()

    def _card(self, address: str) -> None:
        with self.teller.step("he scans the card: thanks, and the next guide"):
            page = self.windows.open(PHONE)
            page.goto(address)
            page.get_by_text("Danke für Ihre Bestellung").wait_for()
            guide = page.get_by_role("link", name=re.compile("Ratgeber"))
            paper = page.request.get(str(guide.first.evaluate("link => link.href")))
            told(paper.body().startswith(b"%PDF-"), "the next guide is a PDF")
            self.teller.found(guide.first.locator(".tile__name").inner_text())
            self.windows.look(page, "card")
        caption = f"38er Barsch, {self.order.ref}"
        with self.teller.step("he sends a photograph, with his consent and without signing in"):
            page.get_by_label(re.compile("Ihre Bilder")).set_input_files(
                {"name": "fang.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
            )
            page.get_by_label(re.compile("Was ist zu sehen")).fill(caption)
            page.get_by_label(re.compile("Ich habe die Bilder selbst gemacht")).check()
            page.get_by_role("button", name="Bilder schicken").click()
            page.get_by_text("Ihr Bild ist da.").wait_for()
            told(page.get_by_text(caption).count() == 0, "nobody sees it before we have")
        self._release(page, caption)

    def _release(self, page: Page, caption: str) -> None:
        with self.teller.step("the back office releases it; now the card's page shows it"):
            clerk = self.stage.person("back_office")
            room = f"{self.stage.office}photos"
            desk = self.windows.staff(self.stage, clerk, room, DESK)
            shown = desk.locator("article").filter(has_text=caption)
            shown.get_by_role("button", name="Zeigen").click()
            shown.get_by_role("button", name="Verbergen").wait_for()
            self.windows.look(desk, "photos")
            page.reload()
            page.get_by_text(caption).wait_for()
            link = page.locator("figure").filter(has_text=caption).locator("a")
            picture = page.request.get(str(link.evaluate("link => link.href"))).body()
            with Image.open(io.BytesIO(picture)) as image:
                same(dict(image.getexif()), {}, "what the camera wrote into it")
            self.windows.look(page, "card-gallery")

    def _points(self, before: int) -> None:
        with self.teller.step("points are booked"):
            earned = self.order.goods_minor // 100
            desk = self.windows.staff(
                self.stage,
                self.stage.person("back_office"),
                f"{self.stage.office}orders/{self.order.ref}",
                DESK,
            )
            for _ in range(_POINTS_SECONDS):
                if self.points() != before:
                    break
                desk.wait_for_timeout(1000)
            same(self.points(), before + earned, "points")
            desk.reload()
            self.windows.look(desk, "office-order")
            self.teller.found(f"{before} + {earned} = {before + earned}")

    def _till(self) -> None:
        with self.teller.step("at the till: the same sale posted twice is one sale"):
            item = self.stage.till_asks(cast.STORE, f"items/{cast.LURE_GTIN}")
            before = _on_hand(item, cast.STORE)
            sale = {
                "sale_id": f"story-{secrets.token_hex(8)}",
                "lines": [{"sku": item["sku"], "quantity": 1, "unit_minor": item["unit_minor"]}],
                "tenders": [{"method": "cash", "amount_minor": item["unit_minor"]}],
            }
            receipts = [self.stage.till_asks(cast.STORE, "sales", sale) for _ in range(2)]
            same(receipts[1]["receipt_number"], receipts[0]["receipt_number"], "one receipt")
            item = self.stage.till_asks(cast.STORE, f"items/{cast.LURE_GTIN}")
            same(_on_hand(item, cast.STORE), before - 1, "lures in Bonn")
            self.teller.found(f"receipt {receipts[0]['receipt_number']}")
            self.teller.found(f"{before} - 1 = {before - 1} in Bonn")

    def _why(self) -> None:
        with self.teller.step("the stock of the hooks explains itself at every location"):
            clerk = self.stage.person("back_office")
            room = f"{self.stage.office}stock/{cast.HOOK}"
            page = self.windows.staff(self.stage, clerk, room, DESK)
            terms = page.locator("section.card").filter(has_text="Warum ")
            for place in range(terms.count()):
                self.teller.found(_sum(terms.nth(place)))
            told(terms.count() > 1, "several locations")
            self.windows.look(page, "stock")

    def _invariants(self) -> None:
        with self.teller.step("every invariant holds"):
            clerk = self.stage.person("back_office")
            room = f"{self.stage.office}invariants"
            page = self.windows.staff(self.stage, clerk, room, DESK)
            same(page.get_by_text("verletzt", exact=True).count(), 0, "broken invariants")
            holding = page.get_by_text("stimmt", exact=True).count()
            told(holding > 1, f"invariants that hold, saw {holding}")
            self.teller.found(f"{holding} checked")
            self.windows.look(page, "invariants")


def _on_hand(item: dict[str, Any], place: str) -> int:
    return int(next(row["on_hand"] for row in item["stock"] if row["location"] == place))


def _sum(card: Any) -> str:
    """Add up what the page says about a location, as a person with a pencil would."""
    rows = card.locator("tr").all()
    pairs = [[cell.inner_text() for cell in row.locator("td").all()] for row in rows]
    at = next(place for place, row in enumerate(pairs) if row[0] == "vorhanden")
    on_hand, available = int(pairs[at][1]), int(pairs[-1][1])
    same(sum(cents(amount) for _, amount in pairs[:at]), on_hand, "movements add up to on hand")
    taken = sum(cents(amount) for _, amount in pairs[at + 1 : -1])
    same(on_hand + taken, available, "on hand less claims is available")
    return f"{card.locator('h2').inner_text()} {available}"


def photograph() -> bytes:
    """Return a photograph as a telephone writes it: with its maker and the place in it."""
    picture = Image.new("RGB", (1600, 1200), "#8fb4c4")
    brush = ImageDraw.Draw(picture)
    brush.rectangle((0, 780, 1600, 1200), fill="#4b7a6b")
    brush.ellipse((350, 450, 1150, 800), fill="#7d8f4e", outline="#39431f", width=8)
    brush.polygon(((1100, 625), (1350, 470), (1350, 780)), fill="#c7502f")
    for stripe in range(480, 1000, 110):
        brush.line((stripe, 500, stripe - 30, 740), fill="#39431f", width=22)
    brush.ellipse((430, 570, 480, 620), fill="#111111")
    exif = Image.Exif()
    exif[_MAKER] = "Telefon von Herrn Müller"
    exif.get_ifd(_GPS)[2] = (50.0, 44.0, 10.0)
    file = io.BytesIO()
    picture.save(file, "JPEG", exif=exif)
    return file.getvalue()
