"""The router against the judge of `fulfil-order/1`: cost, proof, time, and the peers beside it.

`python -m bench.router --seed 7 --shared ../shared`: orders of three networks (6, 52 and 1,003
locations) with one to ten lines, and orders of twenty lines. The judge reckons every plan again;
its MILP solves a sample of each set. The network's lasting facts are read before the clock starts;
the rest of a decision, from the order and the stock to the plan, its proof and the plans that
lost, is timed. Times are those of one core (CPU time of this process), beside them those of the
clock on the wall. The last line is one JSON object.
"""

import argparse
import gc
import importlib
import json
import os
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

# One core is what is measured; numpy reads this when it is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from fulfilment.routing import Decision, decide
from fulfilment.routing.core import derive
from fulfilment.routing.network import Network
from fulfilment.routing.referee import read

DENSITY = 0.3
FEW_LINES = 5
MILP_SECONDS = 20
PEERS_ASKED = 100


@dataclass(frozen=True)
class Set:
    """Orders of one kind: network, lines (one to ten, or always as many), how many, judged."""

    name: str
    warehouses: int
    stores: int
    lines: int | None
    orders: int
    judged: int


SETS = (
    Set("6", 1, 5, None, 1000, 30),
    Set("52", 2, 50, None, 1000, 30),
    Set("1003", 3, 1000, None, 1000, 30),
    Set("52_lines20", 2, 50, 20, 300, 30),
    Set("1003_lines20", 3, 1000, 20, 300, 10),
)


@dataclass
class Tally:
    """What one set came to."""

    proved: int = 0
    differ: int = 0
    wrong: int = 0
    judged: int = 0
    gaps: list[float] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    milp: list[float] = field(default_factory=list)
    ours: int = 0
    peers: dict[str, int] = field(default_factory=dict)

    def timed(self, most_lines: int | None) -> tuple["np.ndarray", "np.ndarray"]:
        """Milliseconds of one core and on the wall, of orders with so many lines at most."""
        few = [most_lines is None or lines <= most_lines for lines in self.lines]
        return np.array(self.cpu)[few] * 1e3, np.array(self.wall)[few] * 1e3


@dataclass(frozen=True)
class Judge:
    """The judge's modules."""

    instance: ModuleType
    milp: ModuleType
    baselines: ModuleType


def summon(shared: Path) -> Judge:
    """Import the judge from the folder that holds it."""
    folder = shared / "referee"
    if not (folder / "milp.py").exists():
        raise SystemExit(f"no judge in {folder}: set SHARED to the folder that holds referee/")
    sys.path.insert(0, str(folder))
    return Judge(*(importlib.import_module(name) for name in ("instance", "milp", "baselines")))


def plan_of(order: dict[str, Any], decision: Decision) -> list[tuple[int, int, int]]:
    """Return a decision as the judge reads plans."""
    place = {location["id"]: number for number, location in enumerate(order["locations"])}
    return [(place[a.location], int(a.key), a.quantity) for a in decision.assignments]


def run(judge: Judge, kind: Set, seed: int) -> Tally:
    """Route every order of a set and reckon it again."""
    tally = Tally()
    every = max(1, kind.orders // kind.judged)
    for number in range(kind.orders):
        lines = kind.lines or 1 + number % 10
        order = judge.instance.generate(seed + number, kind.warehouses, kind.stores, lines, DENSITY)
        problem = read(order)
        problem = replace(problem, network=Network(problem.sources, problem.tariffs))
        derive(problem)
        gc.freeze()
        wall, cpu = time.perf_counter(), time.process_time()
        decision = decide(problem)
        tally.cpu.append(time.process_time() - cpu)
        tally.wall.append(time.perf_counter() - wall)
        gc.unfreeze()
        tally.lines.append(lines)
        tally.proved += decision.proved
        tally.gaps.append(decision.gap)
        core = judge.instance.derive(order)
        cost, _, faults = judge.instance.evaluate(order, plan_of(order, decision), core)
        if faults or cost != decision.cost.total or decision.lower_bound_minor > cost:
            tally.wrong += 1
            say(f"  WRONG: seed {seed + number}, {lines} lines: {faults} {cost}")
        if number % every == 0 and tally.judged < kind.judged:
            _ask(judge, core, decision, tally, seed + number)
        if number < PEERS_ASKED:
            _compare(judge, order, core, cost, tally)
    return tally


def _ask(judge: Judge, core: Any, decision: Decision, tally: Tally, seed: int) -> None:
    """Let the judge's MILP solve the order too."""
    answer = judge.milp.solve(core, time_limit=MILP_SECONDS)
    tally.milp.append(answer["time"])
    if answer["cost"] is None or answer["gap"]:
        say(f"  the MILP gave up on seed {seed}")
        return
    tally.judged += 1
    optimum = round(answer["cost"])
    if decision.lower_bound_minor > optimum or (decision.proved and decision.cost.total != optimum):
        tally.differ += 1
        say(f"  DIFFERS: seed {seed}: {decision.cost.total}, the MILP says {optimum}")


def _compare(judge: Judge, order: Any, core: Any, cost: int, tally: Tally) -> None:
    """Add up what the peers' rules would have cost."""
    tally.ours += cost
    for name, rule in judge.baselines.ALL.items():
        plan = judge.baselines.repair(order, core, rule(order, core), judge.instance.evaluate)
        paid = judge.instance.evaluate(order, plan, core)[0]
        tally.peers[name] = tally.peers.get(name, 0) + paid


def _against(tally: Tally, peer: str) -> float:
    """A peer's cost as a multiple of ours."""
    return round(tally.peers[peer] / max(1, tally.ours), 4)


def say(line: str) -> None:
    """Print a line at once; a run takes minutes."""
    print(line, flush=True)


def report(kind: Set, tally: Tally) -> dict[str, float]:
    """Print a set's figures and return those of the last line."""
    few = FEW_LINES if kind.lines is None else None
    cpu, wall = tally.timed(few)
    share = tally.proved / kind.orders
    say(
        f"{kind.name:>13}: proved {share:.2%}, largest gap {max(tally.gaps):.2%};"
        f" the MILP agrees on {tally.judged - tally.differ} of {tally.judged}"
        f" ({np.median(tally.milp):.2f} s each); wrong plans {tally.wrong}"
    )
    words = f"up to {FEW_LINES} lines" if few else f"{kind.lines} lines"
    say(
        f"{'':>13}  {words}: one core p50 {np.median(cpu):.1f} ms, p99"
        f" {np.quantile(cpu, 0.99):.1f} ms; on the wall {np.median(wall):.1f} and"
        f" {np.quantile(wall, 0.99):.1f} ms"
    )
    ratios = sorted((paid / max(1, tally.ours), name) for name, paid in tally.peers.items())
    say(f"{'':>13}  cost against ours: " + ", ".join(f"{n} {r:.3f}" for r, n in ratios))
    return {
        f"p99_ms_{kind.name}": round(float(np.quantile(cpu, 0.99)), 1),
        f"p99_wall_ms_{kind.name}": round(float(np.quantile(wall, 0.99)), 1),
    }


def main() -> None:
    """Run all sets; exit with 1 when a plan is wrong or the judge found a cheaper one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--share", type=float, default=1.0, help="of the orders; for a quick look")
    parser.add_argument("--only", nargs="*", choices=[kind.name for kind in SETS], help="sets")
    asked = parser.parse_args()
    judge = summon(asked.shared)
    figures: dict[str, float] = {"seed": asked.seed}
    gaps, bad = [0.0], 0
    for kind in SETS:
        if asked.only and kind.name not in asked.only:
            continue
        orders = max(10, int(kind.orders * asked.share))
        judged = max(3, int(kind.judged * asked.share))
        smaller = replace(kind, orders=orders, judged=judged)
        tally = run(judge, smaller, asked.seed)
        figures |= report(smaller, tally)
        figures[f"cost_ratio_{kind.name}"] = _against(tally, "shopify_min_split")
        if kind.name in {"52", "1003"}:
            figures[f"optimal_share_{kind.stores}"] = tally.proved / orders
        if kind.lines:
            gaps += tally.gaps
        bad += tally.wrong + tally.differ
    figures |= {"gap_lines20_max": round(max(gaps), 5), "wrong": bad}
    say(json.dumps(figures))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
