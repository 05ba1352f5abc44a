"""The till in a browser: how long its catalog takes to come, how large it is, and scan → line.

`python -m bench.scan --address http://127.0.0.1:8000 --token demo-till-bonn-1` asks a running
shop; `bench.pos` calls `measure` with one of 50,000 SKUs. A scan is timed in the page, from Enter
to the frame in which the line stands there with its price. The last line is one JSON object.
"""

import argparse
import json
import statistics
import time
from typing import Any

from playwright.sync_api import sync_playwright

from bench.server import say
from local import browser

SCANS = 300
WARM_UP = 20
PER_BASKET = 15
_READY_MS = 180_000
# What a till has to know: how many articles there are, and codes to scan, spread over all of them.
_CODES = """async (count) => {
  const db = await import("/static/js/till-db.js");
  const { isGtin } = await import("/static/js/till-codes.js");
  const items = (await db.all("items")).filter((item) => item.sellable && !item.age_min);
  const every = Math.max(1, Math.floor(items.length / count));
  const chosen = items.filter((_, place) => place % every === 0).slice(0, count);
  const whole = (item) => item.gtins.find((gtin) => isGtin(gtin)) ?? item.sku;
  return [items.length, chosen.map((item) => [item.sku, whole(item)])];
}"""
_SCAN = """async ([codes, perBasket]) => {
  const basket = await import("/static/js/till-basket.js");
  const field = document.getElementById("scan-code");
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => {
    const after = new MessageChannel();
    after.port1.onmessage = resolve;
    after.port2.postMessage(null);
  }));
  const lines = document.getElementById("lines");
  const stands = (sku) => lines.querySelector(`[data-line="${CSS.escape(sku)}"] .till__sum`);
  const times = [];
  for (const [place, [sku, code]] of codes.entries()) {
    if (place % perBasket === 0) basket.empty();
    await frame();
    field.value = code;
    const start = performance.now();
    document.getElementById("scan").requestSubmit();
    while (!stands(sku)?.textContent) await new Promise((resolve) => setTimeout(resolve));
    await frame();
    times.push(performance.now() - start);
  }
  return times;
}"""
_SIZE = """async () => (await navigator.storage.estimate()).usage"""


def measure(address: str, token: str, *, scans: int = SCANS) -> dict[str, Any]:
    """Pair a till with an empty browser, let the catalog come, and scan.

    Args:
        address: of the shop, without a slash at its end.
        token: of an enrolled device.
        scans: how many are counted.

    Returns:
        `skus`, `sync_s` (pairing to the first possible scan), `sync_mb` (all that lies on the
        device), `restart_s` (a reload with the catalog there), `scan_p50_ms`, `scan_p95_ms`.
    """
    program = browser.find()
    if program is None:
        raise RuntimeError(browser.ADVICE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(program), args=list(browser.OPTIONS)
        )
        page = chromium.new_context(
            locale="de-DE", viewport={"width": 1024, "height": 768}
        ).new_page()
        start = time.monotonic()
        page.goto(f"{address}/till/#token={token}")
        _wait(page)
        sync_s = time.monotonic() - start
        start = time.monotonic()
        page.reload()
        _wait(page)
        restart_s = time.monotonic() - start
        size = page.evaluate(_SIZE)
        count, codes = page.evaluate(_CODES, scans + WARM_UP)
        times = page.evaluate(_SCAN, [codes, PER_BASKET])[WARM_UP:]
        chromium.close()
    steps = statistics.quantiles(times, n=20)
    return {
        "skus": count,
        "sync_s": round(sync_s, 2),
        "sync_mb": round(size / 1e6, 1),
        "restart_s": round(restart_s, 2),
        "scan_p50_ms": round(statistics.median(times), 1),
        "scan_p95_ms": round(steps[-1], 1),
    }


def _wait(page: Any) -> None:
    """Wait until somebody could begin: to serve, or to say who serves."""
    views = ":root:is([data-view=sale], [data-view=locked])"
    page.wait_for_selector(views, state="attached", timeout=_READY_MS)
    page.evaluate("document.documentElement.dataset.view = 'sale'")


def main() -> None:
    """Measure a running shop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--scans", type=int, default=SCANS)
    asked = parser.parse_args()
    found = measure(asked.address.rstrip("/"), asked.token, scans=asked.scans)
    say(f"{found['skus']:,} SKUs")
    say(json.dumps(found))


if __name__ == "__main__":
    main()
