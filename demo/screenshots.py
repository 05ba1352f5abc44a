"""Take the pictures of docs/screenshots anew, from a running demo while the story is played on it.

    python -m demo.screenshots [--data FOLDER] [--to FOLDER] [--move-clock]

Best on a demo that was just reset: what earlier plays have left behind is in the pictures, too.
"""

import argparse
import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page

from demo.story import cast, play, stage
from demo.story.stage import NotRunningError, Stage
from demo.story.telling import NotAsToldError, Teller
from demo.story.windows import DESK, PHONE, Windows, chromium

FOLDER = stage.ROOT / "docs" / "screenshots"
IN_THE_SHOP = ("home", "category", "product", "basket", "checkout", "order-two-parcels")
ELSEWHERE = ("floor-list", "floor-job", "floor-call", "slip-1", "card",
             "board", "office-order", "stock")  # fmt: skip
_MOST_BYTES = 150_000
_QUALITIES = (86, 78, 70, 60, 50)


class Camera:
    """Keeps what it is told to look for, as WebP in the window's own size."""

    def __init__(self, folder: Path, wanted: tuple[str, ...]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._wanted = wanted

    def look(self, page: Page, name: str) -> None:
        """Take the picture of a page, if it is wanted."""
        if name not in self._wanted:
            return
        page.evaluate("() => document.fonts.ready")
        page.evaluate("() => document.getElementById('toasts')?.replaceChildren()")
        page.evaluate("() => scrollTo(0, 0)")
        page.wait_for_load_state("networkidle")
        width = page.viewport_size["width"] if page.viewport_size else 0
        suffix = "phone" if width == PHONE[0] else "desk"
        self._save(page.screenshot(), self._folder / f"{name}-{suffix}.webp")

    def _save(self, png: bytes, file: Path) -> None:
        with Image.open(io.BytesIO(png)) as picture:
            for quality in _QUALITIES:
                encoded = io.BytesIO()
                picture.convert("RGB").save(encoded, "WEBP", quality=quality, method=6)
                if encoded.tell() <= _MOST_BYTES:
                    break
        file.write_bytes(encoded.getvalue())


def at_the_till(demo: Stage, windows: Windows) -> None:
    """Ring up the story's basket at the till in Bonn, up to the payment."""
    page = windows.open(DESK)
    page.goto(demo.till)
    page.get_by_label("Gerätekennwort").fill(demo.till_token(cast.STORE))
    page.get_by_role("button", name="Anmelden").click()
    page.locator("#pin").fill(demo.till_pin(cast.STORE))
    page.locator("#pin").press("Enter")
    # The drawer is opened once a day: on a demo that was played with it is open already.
    float_, scan = page.locator("#drawer-float:visible"), page.locator("#scan-code:visible")
    float_.or_(scan).first.wait_for()
    if float_.count():
        float_.fill("200")
        float_.press("Enter")
    for code in (cast.LURE_GTIN, cast.LURE_GTIN, cast.herr_mueller().number):
        page.locator("#scan-code").fill(code)
        page.locator("#scan-code").press("Enter")
        page.wait_for_timeout(700)
    page.locator("#customer-name").wait_for()
    windows.look(page, "till")
    page.context.close()


def take(demo: Stage, to: Path, *, move_clock: bool) -> None:
    """Play twice, on a telephone and on a desk, and take the pictures.

    Raises:
        NotAsToldError: the story was not as told; a picture of it would be no use.
    """
    teller = Teller(timed=False)
    with chromium() as browser:
        for size, wanted in ((PHONE, IN_THE_SHOP + ELSEWHERE), (DESK, (*IN_THE_SHOP, "till"))):
            play.prepare(demo, teller, move_clock=move_clock)
            windows = Windows(browser, Camera(to, wanted).look)
            if "till" in wanted:
                at_the_till(demo, windows)
            play.play(demo, windows, teller, size=size)
            windows.close()


def main() -> int:
    """Take the pictures; return an exit code."""
    parser = argparse.ArgumentParser(prog="python -m demo.screenshots", description=__doc__)
    parser.add_argument("--data", type=Path, default=stage.ROOT / ".demo", help="the demo's folder")
    parser.add_argument("--to", type=Path, default=FOLDER)
    parser.add_argument("--move-clock", action="store_true", help="on to Wednesday, if need be")
    arguments = parser.parse_args()
    try:
        take(Stage.of(arguments.data.resolve()), arguments.to, move_clock=arguments.move_clock)
    except (NotRunningError, NotAsToldError, BrowserError) as error:
        print(f"kontor: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
