"""Rules for the judge's streams: ours, and stores that refuse, around any rule."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fulfilment.foresight import futures, prices
from fulfilment.foresight.chances import tail
from fulfilment.foresight.futures import Expected
from fulfilment.foresight.prices import Market, Pace, Prices
from fulfilment.routing.problem import SHORT_MINOR

FUTURES = 8
FIRST = Pace(rounds=120, step=0.5)
AGAIN = Pace(rounds=30, step=0.2)
NOWHERE = 1e9
UNLIMITED = 10**8


@dataclass(frozen=True)
class Rough:
    """What is not as it should be.

    `bias`: by how much the forecast of each SKU and counter is too high or too low, by chance;
    `all_by`: the factor of all of them instead. `refusals`: the share of jobs that stores refuse.
    """

    seed: int = 1
    bias: float = 0.0
    all_by: float | None = None
    refusals: float = 0.0


@dataclass
class Priced:
    """The cheapest plan of each order under the prices of stock; the judge's interface of a rule.

    Prices are made again every day from the stock that is left. Between them a store's unit is
    worth what its counter would lose, if that is more: the rule that the router follows.
    """

    rough: Rough
    parcels: bool
    next_at: float = 0.0
    known: Prices | None = None
    forecast_web: Any = field(default=None)
    forecast_counter: Any = field(default=None)

    def start(self, simulation: Any, _stock: Any, _capacity: Any) -> None:
        """Begin a stream: make up forecasts, as wrong as they are to be."""
        self.world = world = simulation.w
        self.next_at, self.known = 0.0, None
        self.chance = np.random.default_rng([self.rough.seed, 1])
        lines = (world.lenp * np.arange(1, len(world.lenp) + 1)).sum()
        self.forecast_web = world.n_orders * lines * world.skup
        self.forecast_counter = world.crate
        self.added = world.h[None, :] + world.kg[None, :] * world.weight[:, None]
        if self.rough.all_by is not None:
            self.forecast_web = self.forecast_web * self.rough.all_by
            self.forecast_counter = self.forecast_counter * self.rough.all_by
        elif self.rough.bias:
            off = np.array([1 - self.rough.bias, 1 + self.rough.bias])
            self.forecast_web = self.forecast_web * self.chance.choice(off, len(world.skup))
            self.forecast_counter = world.crate * self.chance.choice(off, world.crate.shape)

    def tick(self, at: float, stock: Any, capacity: Any) -> None:
        """Make the prices again when a day has begun."""
        if at < self.next_at:
            return
        world, left = self.world, 1 - at
        self.next_at += 1 / world.days
        today = min(int(at * world.days), world.days - 1)
        sendable = np.where(world.cap < UNLIMITED, capacity, np.inf).astype(float)
        sendable[:today] = 0
        ends = np.arange(1, world.days + 1) / world.days
        expected = Expected(
            units=self.forecast_web * left,
            region=world.regp[None, :],
            day=np.clip(ends - at, 0, 1 / world.days),
            lengths=world.lenp,
        )
        market = Market(
            stock=stock,
            counter=self.forecast_counter * left,
            parcel=world.F,
            line=self.added,
            margin=world.margin,
            short=world.short,
            parcels=sendable,
        )
        drawn = futures.draw(expected, FUTURES, self.chance)
        self.known = prices.solve(market, drawn, AGAIN if self.known else FIRST, self.known)
        self.unit, self.parcel = self.known.mean_unit(), self.known.mean_parcel()

    def route(self, region: int, skus: Any, day: int, at: float, stock: Any, room: Any) -> Any:
        """Return the location of each line, -1 where nobody has it: a price leaves nothing out."""
        world, free = self.world, stock[skus]
        counter = self.forecast_counter[skus] * (1 - at)
        needed = world.margin[skus][:, None] * tail(np.maximum(free, 1), counter)
        worth = np.maximum(self.unit[skus], needed) + self.added[skus]
        worth = np.where(free > 0, worth, NOWHERE).astype(np.float32)
        parcel = np.where(room[day] > 0, world.F[:, region], NOWHERE)
        if self.parcels:
            parcel = parcel + self.parcel[day]
        short = np.full((1, len(skus)), SHORT_MINOR, np.float32)
        lines = [worth[line : line + 1] for line in range(len(skus))]
        _, chosen, _ = prices.cheapest(parcel[None].astype(np.float32), lines, short)
        return chosen[0]


def priced(judge: Any, rough: Rough, *, parcels: bool = False) -> Priced:
    """Return our rule; with `parcels` it heeds the prices of a day's parcels, too."""
    return Priced(rough, parcels)


class Refusing:
    """Another rule, in a world whose stores refuse some of their jobs.

    A store that refuses an order is not asked for it again; the order is routed anew. Which store
    refuses which order is the same for every rule.
    """

    def __init__(self, rule: Any, share: float, world: Any, seed: int) -> None:
        self.rule, self.share, self.world, self.seed = rule, share, world, seed
        self.order = -1

    def start(self, simulation: Any, stock: Any, capacity: Any) -> None:
        """Begin a stream."""
        self.order = -1
        self.rule.start(simulation, stock, capacity)

    def tick(self, at: float, stock: Any, capacity: Any) -> None:
        """Pass time on."""
        self.rule.tick(at, stock, capacity)

    def route(self, region: int, skus: Any, day: int, at: float, stock: Any, room: Any) -> Any:
        """Route until nobody refuses."""
        self.order += 1
        chance = np.random.default_rng([self.seed, self.order])
        says_no = (chance.random(self.world.N) < self.share) & (self.world.store == 1)
        left = stock
        for _ in range(self.world.N):
            plan = self.rule.route(region, skus, day, at, left, room)
            no = sorted({place for place in plan if place >= 0 and says_no[place]})
            if not no:
                return plan
            if left is stock:
                left = stock.copy()
            left[np.ix_(skus, no)] = 0
        raise RuntimeError("stores refuse for ever")


def refusing(rule: Any, share: float, world: Any, seed: int) -> Any:
    """Return a rule among stores that refuse so many jobs; the rule itself where none does."""
    return Refusing(rule, share, world, seed) if share else rule
