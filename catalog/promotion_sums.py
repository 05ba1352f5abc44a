"""What promotions take off a basket: sums without a database.

The rules, in this order:

1. It starts from the prices of the customer's group; thresholds are measured there.
2. A promotion that does not share ("exclusive") is alone on every line that it touches; those that
   share ("stackable") add up: percentages one after the other off each unit, then buy-and-get,
   then amounts.
3. A percentage is decided line by line; buy-and-get and amounts take all their lines or none.
4. Of everything that these rules allow, the customer gets the lowest total.

A percentage is rounded per unit, the discount half up, as a price group's is. What belongs to
several lines is divided by largest remainder in whole cents.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from kit.money import allocate, share

# So many promotions of the kinds "all lines or none" are tried in every combination; of more, those
# that save most alone.
MOST_COMBINED = 6


@dataclass(frozen=True)
class Rule:
    """A promotion as the sums see it; empty sets mean all goods."""

    ref: str
    kind: str
    name_de: str = ""
    name_en: str = ""
    basis_points: int = 0
    amount_minor: int = 0
    buy_units: int = 0
    get_units: int = 0
    min_minor: int = 0
    stackable: bool = False
    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()

    def name(self, language: str) -> str:
        """Return its name in `language`."""
        return self.name_de if language == "de" else self.name_en


@dataclass(frozen=True)
class Goods:
    """A line before promotions; `categories` are its own and all above it."""

    sku: str
    quantity: int
    unit_minor: int
    categories: frozenset[str] = frozenset()
    brand: str = ""


@dataclass(frozen=True)
class Applied:
    """What one promotion takes off one line, minor units."""

    ref: str
    name_de: str
    name_en: str
    amount_minor: int

    def name(self, language: str) -> str:
        """Return the promotion's name in `language`."""
        return self.name_de if language == "de" else self.name_en


@dataclass
class _Sums:
    """A basket while promotions are taken off: what a unit and a line still cost."""

    units: list[int]
    left: list[int]
    taken: list[list[Applied]] = field(default_factory=list)

    def take(self, line: int, rule: Rule, amount_minor: int) -> None:
        """Take off what the line can bear."""
        amount = min(amount_minor, self.left[line])
        if amount > 0:
            self.left[line] -= amount
            self.taken[line].append(Applied(rule.ref, rule.name_de, rule.name_en, amount))


def reduce(goods: Sequence[Goods], rules: Sequence[Rule]) -> list[tuple[Applied, ...]]:
    """Return what is taken off each line, by which promotion.

    Args:
        goods: the lines of a basket.
        rules: promotions that are in force for this customer, channel, moment and code.

    Returns:
        One tuple per line, in order; never more than the line costs.
    """
    touched = {rule.ref: _lines_of(rule, goods) for rule in rules}
    in_order = sorted((rule for rule in rules if touched[rule.ref]), key=lambda rule: rule.ref)
    percents = [rule for rule in in_order if rule.kind == "percent"]
    whole = _worth_trying(goods, touched, [rule for rule in in_order if rule.kind != "percent"])
    best: _Sums | None = None
    for chosen in _allowed(whole, touched):
        sums = _with(goods, touched, percents, chosen)
        # Fewer promotions come first, so a tie is won by the simpler answer.
        if best is None or sum(sums.left) < sum(best.left):
            best = sums
    return [tuple(taken) for taken in best.taken] if best else [() for _ in goods]


def fits(rule: Rule, goods: Goods) -> bool:
    """Tell whether a promotion is for these goods; each list that is not empty has to name them."""
    return (
        (not rule.skus or goods.sku in rule.skus)
        and (not rule.categories or bool(rule.categories & goods.categories))
        and (not rule.brands or goods.brand in rule.brands)
    )


def _lines_of(rule: Rule, goods: Sequence[Goods]) -> tuple[int, ...]:
    """Return the lines that a promotion is for, none where their value is below its threshold."""
    lines = tuple(place for place, one in enumerate(goods) if fits(rule, one))
    value = sum(goods[place].quantity * goods[place].unit_minor for place in lines)
    return lines if value >= rule.min_minor else ()


def _worth_trying(
    goods: Sequence[Goods], touched: dict[str, tuple[int, ...]], whole: Sequence[Rule]
) -> list[Rule]:
    def alone(rule: Rule) -> int:
        sums = _start(goods)
        _take_whole(sums, goods, touched, rule)
        return sum(one.amount_minor for line in sums.taken for one in line)

    saving = {rule.ref: alone(rule) for rule in whole}
    useful = sorted(
        (rule for rule in whole if saving[rule.ref]), key=lambda rule: (-saving[rule.ref], rule.ref)
    )
    return sorted(useful[:MOST_COMBINED], key=lambda rule: rule.ref)


def _allowed(
    whole: Sequence[Rule], touched: dict[str, tuple[int, ...]]
) -> Iterator[tuple[Rule, ...]]:
    """Return the combinations in which no exclusive promotion shares a line with another one."""

    def share_lines(one: Rule, other: Rule) -> bool:
        return not (one.stackable and other.stackable) and not set(touched[one.ref]).isdisjoint(
            touched[other.ref]
        )

    for size in range(len(whole) + 1):
        for chosen in combinations(whole, size):
            if not any(share_lines(one, other) for one, other in combinations(chosen, 2)):
                yield chosen


def _start(goods: Sequence[Goods]) -> _Sums:
    return _Sums(
        units=[one.unit_minor for one in goods],
        left=[one.unit_minor * one.quantity for one in goods],
        taken=[[] for _ in goods],
    )


def _with(
    goods: Sequence[Goods],
    touched: dict[str, tuple[int, ...]],
    percents: Sequence[Rule],
    chosen: Sequence[Rule],
) -> _Sums:
    sums = _start(goods)
    among = {rule.ref: set(touched[rule.ref]) for rule in (*percents, *chosen)}
    for line in range(len(goods)):
        on_it = [rule for rule in chosen if line in among[rule.ref]]
        here = [rule for rule in percents if line in among[rule.ref]]
        for rule in _percents_for(goods[line].unit_minor, here, on_it):
            off = share(sums.units[line], rule.basis_points)
            sums.units[line] -= off
            sums.take(line, rule, off * goods[line].quantity)
    for kind in ("buy_get", "amount"):
        for rule in chosen:
            if rule.kind == kind:
                _take_whole(sums, goods, touched, rule)
    return sums


def _percents_for(
    unit_minor: int, percents: Sequence[Rule], on_it: Sequence[Rule]
) -> Sequence[Rule]:
    """Return the percentages that a line gets beside the promotions that are on it already."""
    if any(not rule.stackable for rule in on_it):
        return []
    shared = [rule for rule in percents if rule.stackable]
    if on_it:
        return shared
    options = [shared, *([rule] for rule in percents if not rule.stackable)]
    return min(options, key=lambda option: _after(unit_minor, option))


def _after(unit_minor: int, percents: Sequence[Rule]) -> int:
    for rule in percents:
        unit_minor -= share(unit_minor, rule.basis_points)
    return unit_minor


def _take_whole(
    sums: _Sums, goods: Sequence[Goods], touched: dict[str, tuple[int, ...]], rule: Rule
) -> None:
    lines = touched[rule.ref]
    if rule.kind == "amount":
        weights = [sums.left[line] for line in lines]
        amount = min(rule.amount_minor, sum(weights))
    else:
        amount, weights = _given_away(sums, goods, lines, rule)
    if amount and sum(weights):
        for line, part in zip(lines, allocate(amount, weights), strict=True):
            sums.take(line, rule, part)


def _given_away(
    sums: _Sums, goods: Sequence[Goods], lines: Sequence[int], rule: Rule
) -> tuple[int, list[int]]:
    """Return what buy-and-get takes off, and the value of each line's units that are in a set.

    The units are lined up by price, the dearest first, and cut into sets; the last of each set are
    given. So the customer gets as much as any way of cutting would give.
    """
    size = rule.buy_units + rule.get_units
    in_sets = sum(goods[line].quantity for line in lines) // size * size
    amount, start = 0, 0
    weights = dict.fromkeys(lines, 0)
    for line in sorted(lines, key=lambda place: (-sums.units[place], place)):
        end = min(start + goods[line].quantity, in_sets)
        given = _given_before(end, rule) - _given_before(start, rule)
        amount += given * share(sums.units[line], rule.basis_points)
        weights[line] = (end - start) * sums.units[line]
        start = end
    return amount, [weights[line] for line in lines]


def _given_before(place: int, rule: Rule) -> int:
    sets, rest = divmod(place, rule.buy_units + rule.get_units)
    return sets * rule.get_units + max(0, rest - rule.buy_units)
