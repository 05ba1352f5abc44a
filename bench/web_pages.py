"""Pages per second, each kind beside plain Flask with as many bytes, in turns."""

import itertools
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from bench.web_driver import Answer, Flow, Run, drive, get
from bench.web_shop import Facts, Running

AT_ONCE = 16
PRODUCTS = 200
"""So many product pages are asked in turn: those that many look at."""

SEARCHES = [
    "hecht", "zander wobbler", "rheinshad 9 cm motoroil", "offset haken 3/0", "kochmesser",
    "pfanne gusseisen 28", "rute für hecht", "geflecht 0,10 grau", "filetiermesser", "stabmixer",
    "kescher", "stirnlampe", "drop shot blei 10g", "fillet knife", "spinning reel 2500",
    "landing net", "rote küchenmaschine", "hechtspinner", "barschrute", "messer zum filetieren",
]  # fmt: skip
OK = 200
ROUNDS = 12
"""Of warming up: connections are spread over the processes, and each has to see each page twice."""

Say = Callable[[str], None]


@dataclass
class Turns:
    """The turns of one kind of page: requests per second and CPU of each, ours and the other's."""

    rates: list[float] = field(default_factory=list)
    others: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    driver_ms: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The middle one of the turns' ratios."""
        return statistics.median(
            own / other for own, other in zip(self.rates, self.others, strict=True)
        )


def measure(shop: Running, facts: Facts, turns: int, seconds: float, say: Say) -> dict[str, object]:
    """Ask every kind of page, warm, and the reference in between."""
    kinds = {
        "home": ["/"],
        "category": facts.shelves,
        "product": facts.products,
        "search": [f"/suche?q={quote(text)}&alle=1" for text in facts.searches],
    }
    say(f"\n{'page':<10} {'bytes':>7}  {'ours/s':>8} {'Flask/s':>8} {'ratio':>6}  p95 ms  CPU ms")
    outcome: dict[str, object] = {}
    for kind, paths in kinds.items():
        size = warm(shop, paths)
        told = Turns()
        for _ in range(turns):
            _turn(shop, facts, paths, size, seconds, told)
        rate, other = statistics.median(told.rates), statistics.median(told.others)
        p95 = statistics.quantiles(told.waits, n=20)[-1] * 1e3
        say(
            f"{kind:<10} {size:>7,}  {rate:>8,.0f} {other:>8,.0f} {told.ratio:>6.2f}"
            f"  {p95:>6.1f}  {statistics.median(told.cpu_ms):>6.2f}"
        )
        outcome[f"{kind}_ratio"] = round(told.ratio, 3)
        outcome[f"{kind}_per_s"] = round(rate, 1)
        outcome[f"{kind}_flask_per_s"] = round(other, 1)
    outcome["driver_request_ms"] = round(statistics.median(told.driver_ms), 3)
    say(f"the driver's own share: {outcome['driver_request_ms']} ms CPU a request")
    return outcome


def warm(shop: Running, paths: list[str]) -> int:
    """Ask every page until each process has seen it; return how many bytes a page has, on average.

    Raises:
        RuntimeError: a page is missing.
    """
    sizes: list[int] = []
    flows = (_seen(path, sizes) for path in paths * ROUNDS)
    run = drive(shop.shop, iter(flows), at_once=AT_ONCE)
    if set(run.statuses) != {OK}:
        raise RuntimeError(f"pages that are no pages: {run.statuses}")
    return round(statistics.mean(sizes))


def _seen(path: str, sizes: list[int]) -> Flow:
    answer: Answer = yield get(path)
    sizes.append(len(answer.body))


def _turn(
    shop: Running, facts: Facts, paths: list[str], size: int, seconds: float, told: Turns
) -> None:
    reference = [f"/{size}/{sku}" for sku in facts.skus[:PRODUCTS]]
    other = drive(shop.reference, _asking(reference), at_once=AT_ONCE, seconds=seconds)
    before = shop.cpu()
    own = drive(shop.shop, _asking(paths), at_once=AT_ONCE, seconds=seconds)
    told.cpu_ms.append((shop.cpu() - before) / own.requests * 1e3)
    for run in (own, other):
        _only_pages(run)
    told.rates.append(own.requests / own.seconds)
    told.others.append(other.requests / other.seconds)
    told.waits += own.waits
    told.driver_ms.append(own.own_cpu / own.requests * 1e3)


def _only_pages(run: Run) -> None:
    if set(run.statuses) != {OK}:
        raise RuntimeError(f"answers that are no pages: {run.statuses}")


def _asking(paths: list[str]) -> Iterator[Flow]:
    requests = [get(path) for path in paths]
    return (_ask(request) for request in itertools.cycle(requests))


def _ask(request: bytes) -> Flow:
    yield request
