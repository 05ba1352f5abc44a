"""`make audit-web`: the budgets of the shop's pages, page by page, on the running demo.

1. Each page and state on a telephone, with an empty cache: bytes, requests, scripts and styles as
   they travel (compressed), the largest paint and the shifts of the layout.
2. Lighthouse's telephone (slow 4G, slow CPU) on the pages that people land on.
3. axe on every page and state at 320, 390 and 1280 pixels, light and dark, German and English; and
   whether a page is wider than its window.

The last line is one JSON object with the worst of every figure.
"""

import argparse
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from bench import audit_light
from bench.audit_light import MissingError
from bench.audit_pages import Place
from bench.audit_states import Walk
from bench.server import say
from local import browser
from tests.live import running_demo

WIDTHS, SCHEMES, LANGUAGES = (320, 390, 1280), ("light", "dark"), ("", "/en")
LOOKS = tuple(itertools.product(WIDTHS, SCHEMES))
PHONE, DESK = 390, 600
LANDED_ON = ("home", "category", "product", "search", "basket, empty", "manuals")
_KB = 1000
# Runs before the page does: keeps the largest paint and the sum of the shifts.
_WATCH = """
    window.__lcp = 0; window.__cls = 0;
    new PerformanceObserver(l => { for (const e of l.getEntries()) window.__lcp = e.startTime; })
        .observe({type: 'largest-contentful-paint', buffered: true});
    new PerformanceObserver(l => {
        for (const e of l.getEntries()) if (!e.hadRecentInput) window.__cls += e.value;
    }).observe({type: 'layout-shift', buffered: true});
"""
_SETTLED = "() => Promise.allSettled(document.getAnimations().map(a => a.finished))"
_WIDER = "() => document.documentElement.scrollWidth > window.innerWidth"


@dataclass
class Weight:
    """What one look at a page with an empty cache has cost."""

    requests: int = 0
    bytes: int = 0
    js: int = 0
    css: int = 0
    foreign: set[str] = field(default_factory=set)
    lcp_ms: float = 0.0
    cls: float = 0.0


@dataclass
class Auditor:
    """A browser in front of a shop, with visitors who have come as far as states need."""

    browser: Browser
    shop: str
    states: dict[str, Any]
    close: Callable[[bool], None]
    axe: Axe = field(default_factory=Axe)

    def opened(self, place: Place, width: int) -> Page:
        """Return a new window of the visitor that a place is about."""
        context = self.browser.new_context(
            base_url=self.shop,
            viewport={"width": width, "height": _height(width)},
            locale="de-DE",
            storage_state=self.states[place.visitor],
            reduced_motion="reduce",
        )
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.add_init_script(_WATCH)
        return page

    def go(self, page: Page, place: Place, language: str = "") -> None:
        """Open a place and press what has to be pressed.

        Raises:
            RuntimeError: the page answers with another status than it should.
        """
        address = f"{language}{place.path}"
        if place.closed:
            self.close(True)
        try:
            answer = page.goto(address, wait_until="load")
        finally:
            if place.closed:
                self.close(False)
        if answer is None or answer.status != place.expect or not page.url.endswith(address):
            came = f"{answer and answer.status} at {page.url}"
            raise RuntimeError(f"{place.name}: {came}, not {place.expect}")
        for where, text in place.typed:
            _fill(page.locator(where), text)
        if place.press:
            page.locator(place.press).first.click()
            # Some forms are sent in the background first, and the plain way when that is refused.
            page.wait_for_load_state("networkidle")

    def weigh(self, place: Place) -> Weight:
        """Return what a page costs on a telephone that was never here.

        Where something is pressed, a second page may come: of two pages it is the heavier one.
        """
        page, pages = self.opened(place, PHONE), [Weight()]
        line = page.context.new_cdp_session(page)
        line.send("Network.enable")
        kinds: dict[str, str] = {}
        shop = self.shop.rstrip("/")

        def came(event: Any) -> None:
            kinds[event["requestId"]] = event["type"]
            if event["type"] == "Document" and pages[-1].requests:
                pages.append(Weight())
            if not event["response"]["url"].startswith((shop, "data:")):
                pages[-1].foreign.add(event["response"]["url"])

        def over(event: Any) -> None:
            kind, size = kinds.get(event["requestId"], ""), int(event["encodedDataLength"])
            weight = pages[-1]
            weight.requests += 1
            weight.bytes += size
            weight.js += size if kind == "Script" else 0
            weight.css += size if kind == "Stylesheet" else 0

        line.on("Network.responseReceived", came)
        line.on("Network.loadingFinished", over)
        self.go(page, place)
        page.wait_for_timeout(400)
        weight = max(pages, key=lambda one: one.bytes)
        weight.foreign = {address for one in pages for address in one.foreign}
        weight.lcp_ms = page.evaluate("() => window.__lcp")
        weight.cls = page.evaluate("() => window.__cls")
        page.context.close()
        return weight

    def barriers(self, place: Place, language: str) -> Iterator[tuple[int, str, str]]:
        """Yield width, scheme and what axe finds there, or that a page is wider than its window."""
        page = self.opened(place, WIDTHS[0])
        self.go(page, place, language)
        for width, scheme in LOOKS:
            page.set_viewport_size({"width": width, "height": _height(width)})
            page.emulate_media(color_scheme=scheme)
            page.evaluate(_SETTLED)
            if page.evaluate(_WIDER):
                yield width, scheme, "wider than the window"
            for broken in self.axe.run(page).response["violations"]:
                targets = [node["target"] for node in broken["nodes"]][:3]
                yield width, scheme, f"{broken['id']}: {broken['help']}: {targets}"
        page.context.close()


def _fill(field: Locator, text: str) -> None:
    # What is folded away is unfolded first, as a person would.
    field.evaluate("one => one.closest('details')?.setAttribute('open', '')")
    if text:
        field.fill(text)
    else:
        field.check()


def _height(width: int) -> int:
    return 844 if width < DESK else 900


def weigh(auditor: Auditor, places: list[Place]) -> dict[str, Any]:
    """Print what every page costs and return the worst."""
    say(f"\n{'page':<22} {'kB':>6} {'req':>4} {'js kB':>6} {'css kB':>7} {'LCP ms':>7} {'CLS':>6}")
    weights: list[Weight] = []
    for place in [one for one in places if not one.once]:
        one = auditor.weigh(place)
        weights.append(one)
        say(
            f"{place.name:<22} {one.bytes / _KB:>6.1f} {one.requests:>4} {one.js / _KB:>6.1f}"
            f" {one.css / _KB:>7.1f} {one.lcp_ms:>7.0f} {one.cls:>6.3f}"
            + (f"  foreign: {sorted(one.foreign)}" if one.foreign else "")
        )

    def worst(figure: Callable[[Weight], float]) -> float:
        return max(map(figure, weights))

    return {
        "pages": len(weights),
        "js_kb": round(worst(lambda one: one.js) / _KB, 1),
        "css_kb": round(worst(lambda one: one.css) / _KB, 1),
        "first_view_kb": round(worst(lambda one: one.bytes) / _KB, 1),
        "requests": int(worst(lambda one: one.requests)),
        "third_party": int(worst(lambda one: len(one.foreign))),
        "lcp_ms": round(worst(lambda one: one.lcp_ms)),
        "cls": round(worst(lambda one: one.cls), 4),
    }


def light(shop: str, places: list[Place]) -> dict[str, Any]:
    """Print what Lighthouse says and return the worst; what cannot be measured says so."""
    chromium = browser.obtain()
    try:
        program = audit_light.install()
        if chromium is None:
            raise MissingError(browser.ADVICE)
        say(f"\n{'Lighthouse, mobile':<22} perf  a11y  best   seo  LCP ms    CLS  TBT ms")
        told = []
        for place in (one for one in places if one.name in LANDED_ON):
            one = audit_light.measure(program, chromium, shop.rstrip("/") + place.path)
            told.append(one)
            say(
                f"{place.name:<22} {one['performance']:>4} {one['accessibility']:>5}"
                f" {one['best-practices']:>5} {one['seo']:>5} {one['lcp_ms']:>7.0f}"
                f" {one['cls']:>6.3f} {one['tbt_ms']:>7.0f}  {'; '.join(one['wrong'])}"
            )
    except MissingError as missing:
        say(f"\nLighthouse was not run: {missing}")
        return {"lighthouse_mobile": None}
    return {
        "lighthouse_mobile": min(one["performance"] for one in told),
        "lighthouse_accessibility": min(one["accessibility"] for one in told),
        "lighthouse_best_practices": min(one["best-practices"] for one in told),
        "lighthouse_seo": min(one["seo"] for one in told),
        "lighthouse_lcp_ms": round(max(one["lcp_ms"] for one in told)),
        "lighthouse_cls": round(max(one["cls"] for one in told), 4),
    }


def barriers(auditor: Auditor, places: list[Place]) -> dict[str, Any]:
    """Print what stands in people's way and return how much it is."""
    count, seen = 0, set()
    tours = [(place, one) for place in places for one in LANGUAGES[: 1 if place.once else None]]
    for place, language in tours:
        for width, scheme, text in auditor.barriers(place, language):
            count += 1
            if (place.name, text) not in seen:
                seen.add((place.name, text))
                say(f"  {place.name}, {width} px, {scheme}, {language or '/de'}: {text}")
    looks = len(tours) * len(LOOKS)
    say(f"\naxe: {looks} looks at {len(places)} pages and states, {count} violations")
    return {"axe_looks": looks, "axe_violations": count}


def main() -> None:
    """Audit and print."""
    options = argparse.ArgumentParser(description="Audit the shop's pages.")
    options.add_argument("--only", choices=("weight", "light", "axe"))
    options.add_argument("--page", help="only pages whose name has this in it")
    asked = options.parse_args()
    outcome: dict[str, Any] = {}
    with running_demo() as demo, sync_playwright() as play:
        places, states = Walk(demo, play).all()
        places = [place for place in places if not asked.page or asked.page in place.name]
        chromium = play.chromium.launch(
            executable_path=str(browser.obtain()), args=list(browser.OPTIONS)
        )
        auditor = Auditor(
            chromium,
            demo.shop,
            states,
            lambda closed: print(demo.flask("maintenance", "on" if closed else "off"), end=""),
        )
        if asked.only in {None, "weight"}:
            outcome |= weigh(auditor, places)
        if asked.only in {None, "light"}:
            outcome |= light(demo.shop, places)
        if asked.only in {None, "axe"}:
            outcome |= barriers(auditor, places)
        chromium.close()
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
