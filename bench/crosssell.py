"""Cross-selling, judged and timed: `make bench-crosssell SHARED=../shared`.

1. Serving: a shop of 100,000 SKUs with stock in four places, a model learnt from its receipts, and
   `suggest` for baskets of one to eight lines, stock and parcels checked. Before the others: after
   minutes of learning the same machine answers a fifth later.
2. The judge's `evaluate.py` on groceries and on a year of online retail, with the shop's engine
   behind `bench/crosssell_adapter.py`; its tables, as it prints them.
3. Learning at size: receipts with a realistic tail (`bench/crosssell_receipts.py`), up to 100,000
   items and 2 million receipts, each in a process of its own: seconds, memory, per co-occurrence.

`ARGS="--only serve"` runs one part, or several with a comma between them: serve, judge, year,
sizes. The last line is one JSON object of what was measured. Shares of the machine that others take
make seconds longer; of serving the CPU of both processes is printed beside the wall.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import crosssell_serving
from bench.server import ROOT, say

BASELINES = "popularity,cocount,confidence,lift,cosine,ease"
SETS = {"groceries": "groceries_baskets.txt.gz", "online_retail": "online_retail_baskets.txt.gz"}
SIZES = ((250_000, 12_500), (500_000, 25_000), (1_000_000, 50_000), (2_000_000, 100_000))
ADAPTER = Path("bench") / "crosssell_adapter.py"
PARTS = ("serve", "judge", "year", "sizes")


def judge(shared: Path, name: str) -> dict[str, Any]:
    """Let the judge compare on one set; print its table and return its figures by engine."""
    with tempfile.NamedTemporaryFile(suffix=".json") as found:
        command = [
            sys.executable, str(shared / "crosssell" / "evaluate.py"),
            "--baskets", str(shared / "data" / SETS[name]), "--adapter", str(ADAPTER),
            "--baselines", BASELINES, "--json", found.name,
        ]  # fmt: skip
        say(f"\n{name}")
        subprocess.run(command, check=True, cwd=ROOT)
        figures: dict[str, Any] = json.loads(Path(found.name).read_text("utf-8"))
    return figures


def compared(figures: dict[str, Any]) -> dict[str, float]:
    """Return our NDCG@5 and how it stands to the others'."""
    own = figures[str(ADAPTER)]["ndcg5"]
    return {
        "ndcg5": round(own, 4),
        "vs_confidence": round(own / figures["confidence"]["ndcg5"], 3),
        "vs_cocount": round(own / figures["cocount"]["ndcg5"], 3),
        "vs_ease": round(own / figures["ease"]["ndcg5"], 3),
        "violations": figures[str(ADAPTER)]["violations"],
        "blocked_suggested": figures[str(ADAPTER)]["blocked_suggested"],
    }


def apart(*arguments: str) -> dict[str, Any]:
    """Run this module in a process of its own, so that its memory is its own; return its line."""
    command = [sys.executable, "-m", "bench.crosssell", *arguments]
    said = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stdout
    figures: dict[str, Any] = json.loads(said.splitlines()[-1])
    return figures


def train_year(shared: Path) -> dict[str, Any]:
    """Learn the whole online-retail year once, lambda chosen as at night."""
    import gzip

    from bench.crosssell_adapter import fit

    with gzip.open(shared / "data" / SETS["online_retail"], "rt", encoding="utf-8") as lines:
        pairs = [line.rstrip("\n").split("\t") for line in lines]
    started = time.monotonic()
    fit([row.split() for _, row in pairs], [float(stamp) for stamp, _ in pairs])
    return _used(started)


def train_made(receipts: int, items: int) -> dict[str, Any]:
    """Learn made receipts, lambda chosen as at night."""
    import numpy as np

    from bench.crosssell_receipts import make
    from catalog.crosssell.learning import learn

    made = make(receipts, items, seed=1)
    sizes = np.diff(made.starts)
    before, started = _megabytes(), time.monotonic()
    learnt = learn(made)
    return {
        "receipts": receipts,
        "items": items,
        "co_occurrences": int((sizes * (sizes - 1) // 2).sum()),
        "edges": len(learnt.targets),
        "receipts_mb": before,
        **_used(started),
    }


def _used(started: float) -> dict[str, float]:
    return {"seconds": round(time.monotonic() - started, 1), "mb": _megabytes()}


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def sizes(most: int) -> list[dict[str, Any]]:
    """Learn at every size up to `most` receipts, print the table and return its rows."""
    say("\nlearning   receipts    items  co-occurrences      edges       s  us per co-occ.     MB")
    rows = []
    for receipts, items in SIZES:
        if receipts > most:
            continue
        row = apart("--train", str(receipts), str(items))
        each = row["seconds"] / row["co_occurrences"] * 1e6
        say(
            f"{receipts:>19,} {items:>8,} {row['co_occurrences']:>15,} {row['edges']:>10,}"
            f" {row['seconds']:>7.1f} {each:>15.2f} {row['mb']:>6}"
        )
        rows.append(row)
    return rows


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description="Judge and time cross-selling.")
    options.add_argument("--shared", type=Path, default=Path("../shared"))
    options.add_argument("--only", default=",".join(PARTS), help="parts, with commas between")
    options.add_argument("--skus", type=int, default=100_000, help="of the shop that serves")
    options.add_argument("--most", type=int, default=2_000_000, help="receipts to learn from")
    options.add_argument("--train", nargs=2, type=int, help=argparse.SUPPRESS)
    options.add_argument("--year", action="store_true", help=argparse.SUPPRESS)
    asked = options.parse_args()
    shared = asked.shared.resolve()
    parts = asked.only.split(",")
    if unknown := set(parts) - set(PARTS):
        options.error(f"no such part: {', '.join(sorted(unknown))}")
    if asked.train:
        print(json.dumps(train_made(*asked.train)))
    elif asked.year:
        print(json.dumps(train_year(shared)))
    else:
        outcome: dict[str, Any] = {}
        began = time.monotonic()
        for part in (one for one in PARTS if one in parts):
            say(f"\n[{time.monotonic() - began:4.0f} s] {part}")
            outcome |= _run(part, shared, asked.most, asked.skus)
        say(f"[{time.monotonic() - began:4.0f} s] done\n")
        print(json.dumps(outcome))


def _run(part: str, shared: Path, most: int, skus: int) -> dict[str, Any]:
    """Run one part and return its figures for the last line."""
    if part == "judge":
        return _judged({name: compared(judge(shared, name)) for name in SETS})
    if part == "year":
        year = apart("--year", "--shared", str(shared))
        say(f"the online-retail year, lambda chosen: {year['seconds']} s, {year['mb']} MB")
        return {"train_s": year["seconds"], "train_mb": year["mb"]}
    if part == "sizes":
        learnt = sizes(most)
        largest = learnt[-1] if learnt else {"seconds": None, "mb": None}
        return {"train_large_s": largest["seconds"], "train_large_mb": largest["mb"]}
    return crosssell_serving.measure(skus)


def _judged(found: dict[str, dict[str, float]]) -> dict[str, Any]:
    groceries, retail = found["groceries"], found["online_retail"]
    return {
        "groceries_vs_confidence": groceries["vs_confidence"],
        "online_retail_vs_confidence": retail["vs_confidence"],
        "online_retail_vs_cocount": retail["vs_cocount"],
        "groceries_ndcg5": groceries["ndcg5"],
        "online_retail_ndcg5": retail["ndcg5"],
        "groceries_vs_ease": groceries["vs_ease"],
        "online_retail_vs_ease": retail["vs_ease"],
        "violations": groceries["violations"] + retail["violations"],
        "blocked_suggested": groceries["blocked_suggested"] + retail["blocked_suggested"],
    }


if __name__ == "__main__":
    main()
