"""The router with prices of the future against the judge's streams of orders.

`python -m bench.stream --seed 7 --shared ../shared`: for each regime a world of the judge (two
warehouses, forty stores, 300 SKUs, 10,000 orders in fourteen days, nothing replenished), routed by
Magento's priority, by a Shopify-like rule, by the cheapest plan for each order alone, and by the
cheapest plan under our prices, refreshed once a day from forecasts and the stock that is left.
Beside them the judge's bound: nobody who knew the future could have paid less. Then the same with
forecasts that are off and stores that refuse. The bound takes most of the time; it is kept in
`.bench/`. The last line is one JSON object, its figures are those of the regime `normal` unless
their name says otherwise.
"""

import argparse
import importlib
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# One core is what is measured; numpy reads this when it is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from bench import policies
from bench.policies import Rough

KEPT = Path(".bench")
REGIMES = ("normal", "tight")
BIAS, REFUSALS = 0.3, 0.1


@dataclass(frozen=True)
class Stream:
    """A world of the judge, its orders, and what they cost at least."""

    judge: Any
    world: Any
    simulation: Any
    bound: float
    orders: int


def summon(shared: Path) -> Any:
    """Import the judge's module from the folder that holds it."""
    folder = shared / "referee"
    if not (folder / "stream.py").exists():
        raise SystemExit(f"no judge in {folder}: set SHARED to the folder that holds referee/")
    sys.path.insert(0, str(folder))
    return importlib.import_module("stream")


def prepare(judge: Any, regime: str, asked: argparse.Namespace) -> Stream:
    """Make the judge's world of a seed, and its bound unless it is known already."""
    world = judge.make_world(
        asked.seed,
        n_wh=2,
        n_store=asked.stores,
        n_orders=asked.orders,
        n_sku=asked.sku,
        **judge.REG[regime],
    )
    orders, counter = judge.sample(world, 77 + asked.seed)
    name = f"bound-{regime}-{asked.seed}-{asked.orders}-{asked.sku}-{asked.stores}.json"
    kept = KEPT / name
    if kept.exists():
        bound = json.loads(kept.read_text(encoding="utf-8"))
    else:
        say("  the bound of whoever knows the future …")
        bound = judge.hindsight(world, orders, counter)[0] - world.split * len(orders["t"])
        KEPT.mkdir(exist_ok=True)
        kept.write_text(json.dumps(bound), encoding="utf-8")
    simulation = judge.Sim(world, orders, counter)
    return Stream(judge, world, simulation, bound, len(orders["t"]))


def run(stream: Stream, rough: Rough, *, more: bool) -> dict[str, dict[str, float]]:
    """Route the stream by every rule; return the judge's figures by rule."""
    judge = stream.judge
    rules: dict[str, Any] = {
        "Magento's priority": judge.Walk("priority"),
        "fewest parcels (Shopify)": judge.MinSplit(),
        "each order alone, exact": judge.Exact(),
        "our prices": policies.priced(judge, rough),
    }
    if more:
        rules["our prices, parcels too"] = policies.priced(judge, rough, parcels=True)
    figures = {}
    for name, rule in rules.items():
        started = time.perf_counter()
        refused = policies.refusing(rule, rough.refusals, stream.world, rough.seed)
        figures[name] = stream.simulation.run(refused, name)
        _print(stream, name, figures, time.perf_counter() - started)
    return figures


def _print(stream: Stream, name: str, figures: dict[str, dict[str, float]], seconds: float) -> None:
    one, alone = figures[name], figures.get("each order alone, exact")
    closed = f"{_closed(stream, figures, name):7.1%}" if alone else "      -"
    say(
        f"  {name:<26} {one['cost'] / stream.orders / 100:7.2f} an order,"
        f" {one['cost'] / stream.bound - 1:6.1%} above the bound, closed {closed},"
        f" split {one['split']:.2%}, filled {one['fill']:.2%}, {seconds:.0f} s"
    )


def _closed(stream: Stream, figures: dict[str, dict[str, float]], name: str) -> float:
    """The share of the gap between each order alone and the bound that a rule closes."""
    alone = figures["each order alone, exact"]["cost"]
    return (alone - figures[name]["cost"]) / (alone - stream.bound)


def summary(stream: Stream, figures: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return the figures that the last line wants."""
    ours = figures["our prices"]
    found = {
        "vs_priority": ours["cost"] / figures["Magento's priority"]["cost"],
        "vs_min_split": ours["cost"] / figures["fewest parcels (Shopify)"]["cost"],
        "vs_myopic": ours["cost"] / figures["each order alone, exact"]["cost"],
        "myopic_gap_closed": _closed(stream, figures, "our prices"),
        "split_rate": ours["split"],
        "fill": ours["fill"],
    }
    if "our prices, parcels too" in figures:
        found["myopic_gap_closed_parcels"] = _closed(stream, figures, "our prices, parcels too")
    return {name: round(float(value), 4) for name, value in found.items()}


def say(line: str) -> None:
    """Print a line at once; a run takes minutes."""
    print(line, flush=True)


def main() -> None:
    """Run both regimes as they are, and the normal one with wrong forecasts and refusals."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--orders", type=int, default=10_000, help="fewer for a quick look")
    parser.add_argument("--sku", type=int, default=300)
    parser.add_argument("--stores", type=int, default=40)
    parser.add_argument("--regimes", nargs="*", default=REGIMES, choices=REGIMES)
    parser.add_argument("--bias", type=float, default=BIAS, help="how far forecasts are off")
    parser.add_argument("--reject", type=float, default=REFUSALS, help="share stores refuse")
    parser.add_argument("--plain", action="store_true", help="only with right forecasts")
    parser.add_argument("--parcels", action="store_true", help="parcels' prices charged, too")
    asked = parser.parse_args()
    judge = summon(asked.shared)
    figures: dict[str, float] = {"seed": asked.seed, "orders": asked.orders}
    for regime in asked.regimes:
        stream = prepare(judge, regime, asked)
        say(f"{regime}, seed {asked.seed}, {stream.orders} orders:")
        found = summary(stream, run(stream, Rough(seed=asked.seed), more=asked.parcels))
        suffix = "" if regime == asked.regimes[0] else f"_{regime}"
        figures |= {name + suffix: value for name, value in found.items()}
        if regime != asked.regimes[0] or asked.plain:
            continue
        for name, bias in (("mixed", None), ("high", 1 + asked.bias), ("low", 1 - asked.bias)):
            say(f"{regime}, forecasts {name} by {asked.bias:.0%}, {asked.reject:.0%} refused:")
            rough = Rough(asked.seed, asked.bias, bias, asked.reject)
            found = summary(stream, run(stream, rough, more=False))
            figures |= {f"{key}_{name}": value for key, value in found.items()}
    say(json.dumps(figures))


if __name__ == "__main__":
    main()
