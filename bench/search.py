"""The search in a shop of 50,000 SKUs, by kind of query: in the database, and as a whole.

`python -m bench.search --seed 7 --skus 50000`: the demo's goods are judged first, then multiplied
by series and type numbers. Timed is what one search takes from the text to the page's facts: the
time that PostgreSQL's process worked (CPU of the backend), and the time on the wall. On a machine
where others work too, only the first says something about the search. The last line is one JSON
object.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from bench import judged, search_goods
from bench.server import Server, running, say
from catalog import indexing, search
from catalog.facets import BRAND
from kit import database
from kit.database import reading, transaction
from migrations.run import upgrade

DATABASE = "search"
Ask = Callable[[Session], object]
_SHELVES = [
    "Gummiköder",
    "Haken",
    "Wobbler",
    "Messer",
    "Pfanne",
    "Ruten",
    "Rollen",
    "Schnur",
    "Vorfach",
    "Posen",
]
_NAMES = [
    "Rheinshad",
    "Kochmesser",
    "Stabmixer",
    "Kescher",
    "Filetiermesser",
    "Gusspfanne",
    "Stirnlampe",
    "Drilling",
]
_COMPOUNDS = [
    "Hechtwobbler",
    "Barschrute",
    "Pfannendeckel",
    "Küchenmesser",
    "Hechtspinner",
    "Zanderköder",
]
_SEVERAL = (
    "rheinshad 9 cm motoroil", "offset haken 3/0", "rote Küchenmaschine", "pfanne gusseisen 28",
    "Rute für Hecht", "geflecht 0,10 grau", "messer zum filetieren", "drop shot blei 10g",
)  # fmt: skip
_ENGLISH = [
    "fillet knife",
    "spinning reel 2500",
    "kettle",
    "landing net",
    "vacuum bags",
    "soft lures",
    "leader",
]
_PLACES = ["Bonn öffnungszeiten", "Filiale Köln", "Versandkosten", "widerruf", "Koblenz laden"]
_NOTHING = ["xylophon quarz", "fahrradschlauch 28 zoll", "qwrtzpfg", "gitarrensaite", "zzz 999"]


@dataclass
class Tally:
    """Milliseconds of one kind of query."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def line(self, name: str) -> str:
        """Return the figures as a line of the table."""
        return (
            f"{name:<12} {len(self.cpu):>4}  "
            f"{_p50(self.cpu):>7.1f} {_p95(self.cpu):>7.1f}    "
            f"{_p50(self.wall):>7.1f} {_p95(self.wall):>7.1f}"
        )


def _p50(figures: list[float]) -> float:
    return statistics.median(figures)


def _p95(figures: list[float]) -> float:
    return statistics.quantiles(figures, n=20, method="inclusive")[-1]


def _slip(word: str, chance: random.Random) -> str:
    """Return a word with one typing error after its first letters."""
    place = chance.randrange(2, len(word) - 1)
    kind = chance.choice(("swap", "drop", "double"))
    if kind == "swap":
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return word[:place] + ("" if kind == "drop" else word[place] * 2) + word[place + 1 :]


def kinds(session: Session, each: int, seed: int) -> dict[str, list[str]]:
    """Return texts of every kind, the same ones for the same seed."""
    chance = random.Random(seed)
    rows = session.execute(
        text(
            "SELECT name_de, type_number, min(sku) AS sku, min(gtin) AS gtin"
            " FROM products JOIN items ON items.product = products.slug"
            " WHERE type_number IS NOT NULL GROUP BY products.slug ORDER BY products.slug"
        )
    ).all()
    some = chance.sample(rows, each)
    words = [word for row in rows for word in row.name_de.split() if len(word) >= 6]  # noqa: PLR2004

    def of(pool: list[str] | tuple[str, ...]) -> list[str]:
        return [chance.choice(pool) for _ in range(each)]

    return {
        "shelf": of(_SHELVES),
        "name": of(_NAMES),
        "series": [row.name_de for row in some],
        "type number": [row.type_number for row in some],
        "run together": [row.type_number.replace("-", "").lower() for row in some],
        "SKU or GTIN": [chance.choice((row.sku, row.gtin)) for row in some],
        "compound": of(_COMPOUNDS),
        "typing error": [_slip(word, chance) for word in of(words)],
        "several": of(_SEVERAL),
        "English": of(_ENGLISH),
        "document": [f"Gebrauchsanleitung {row.type_number}" for row in some],
        "place, help": of(_PLACES),
        "nothing": of(_NOTHING),
    }


@contextmanager
def _timed(tally: Tally, pid: int) -> Iterator[None]:
    book = Path(f"/proc/{pid}/schedstat")
    before, start = int(book.read_text().split()[0]), time.perf_counter()
    yield
    tally.wall.append((time.perf_counter() - start) * 1e3)
    tally.cpu.append((int(book.read_text().split()[0]) - before) / 1e6)


def measure(each: int, seed: int) -> tuple[dict[str, Tally], dict[str, Tally]]:
    """Time searches and suggestions by kind, on one warm connection."""
    with reading() as session:
        texts = kinds(session, each, seed)
        asks = {
            kind: [lambda s, q=query: search.search(s, q) for query in queries]
            for kind, queries in texts.items()
        }
        asks["shelf opens"] = [lambda s, q=query: search.opens(s, q) for query in texts["shelf"]]
        asks["facet, page 2"] = [
            lambda s, q=query: search.search(s, q, facets={BRAND: ["Kontor"]}, offset=24)
            for query in texts["shelf"]
        ]
        typing = {
            f"{letters} letters": [
                lambda s, q=query[:letters]: search.suggest(s, q)
                for query in (*texts["series"], *texts["shelf"])
            ]
            for letters in (1, 2, 3, 5, 8)
        }
        typing["with a slip"] = [
            lambda s, q=query: search.suggest(s, q) for query in texts["typing error"]
        ]
        return _run(session, asks), _run(session, typing)


def _run(session: Session, asks: dict[str, list[Ask]]) -> dict[str, Tally]:
    pid = int(session.scalar(text("SELECT pg_backend_pid()")) or 0)
    for several in asks.values():  # a running shop is warm
        several[0](session)
    tallies = {kind: Tally() for kind in asks}
    for kind, several in asks.items():
        for ask in several:
            with _timed(tallies[kind], pid):
                ask(session)
    return tallies


def prepare(shop: Server, skus: int, seed: int) -> tuple[str, dict[str, object]]:
    """Make the database with so many SKUs and judge the queries on the way."""
    url = shop.create(DATABASE)
    upgrade(url)
    database.configure(url)
    with transaction() as session:
        search_goods.put_demo(session)
    shop.ask(DATABASE, "VACUUM ANALYZE")
    with reading() as session:
        queries = judged.queries()
        missed = [lines for query in queries if (lines := judged.misses(session, query))]
    hit = 1 - len(missed) / len(queries)
    say(f"judged: {hit:.1%} of {len(queries)} queries hit in the first {judged.FIRST}")
    for lines in missed:
        say("  " + "; ".join(lines))
    start = time.perf_counter()
    with transaction() as session:
        count = search_goods.multiply(session, skus, seed)
    with transaction() as session:
        entries = indexing.reindex(session)
    took = time.perf_counter() - start
    shop.ask(DATABASE, "VACUUM ANALYZE")
    say(f"{count:,} SKUs, {entries:,} entries, made and indexed in {took:.0f} s")
    facts = {
        "judged_hit3": round(hit, 4),
        "judged_queries": len(queries),
        "skus": count,
        "entries": entries,
        "reindex_s": round(took, 1),
    }
    return url, facts


def _table(title: str, tallies: dict[str, Tally]) -> Tally:
    say(f"\n{title:<12}    n  database p50, p95    whole p50, p95 (ms)")
    for kind, tally in tallies.items():
        say(tally.line(kind))
    whole = Tally(
        [each for tally in tallies.values() for each in tally.cpu],
        [each for tally in tallies.values() for each in tally.wall],
    )
    say(whole.line("all"))
    return whole


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description="Measure the search.")
    options.add_argument("--skus", type=int, default=50_000)
    options.add_argument("--each", type=int, default=40, help="queries of each kind")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--keep", action="store_true", help="use the database of the last run")
    asked = options.parse_args()
    with running() as shop:
        facts: dict[str, object] = {}
        if asked.keep and shop.has(DATABASE):
            database.configure(shop.url(DATABASE))
        else:
            _, facts = prepare(shop, asked.skus, asked.seed)
        searches, typing = measure(asked.each, asked.seed)
        found, suggested = _table("search", searches), _table("suggestion", typing)
        database.disconnect()
    outcome = {
        "search_p50_ms": round(_p50(found.cpu), 1),
        "search_p95_ms": round(_p95(found.cpu), 1),
        "search_wall_p95_ms": round(_p95(found.wall), 1),
        "suggest_p50_ms": round(_p50(suggested.cpu), 1),
        "suggest_p95_ms": round(_p95(suggested.cpu), 1),
        "worst_kind": max(searches, key=lambda kind: _p95(searches[kind].cpu)),
        **facts,
        "seed": asked.seed,
    }
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
