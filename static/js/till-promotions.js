// What promotions take off a basket: the rules of catalog/promotion_sums.py, to the cent.
// A property test prices random baskets with both.

import { allocate, share } from "./till-sums.js";

const MOST_COMBINED = 6;
const total = (numbers) => numbers.reduce((sum, each) => sum + each, 0);
const named = (list, values) => list.length === 0 || values.some((value) => list.includes(value));

// A promotion is for goods that every list names, as far as it has any.
const fits = (rule, goods) =>
  named(rule.skus, [goods.sku]) && named(rule.categories, goods.categories) && named(rule.brands, [goods.brand]);

function linesOf(rule, goods) {
  const lines = goods.flatMap((one, place) => (fits(rule, one) ? [place] : []));
  const value = total(lines.map((place) => goods[place].quantity * goods[place].unit_minor));
  return value >= rule.min_minor ? lines : [];
}

class Sums {
  constructor(goods) {
    this.units = goods.map((one) => one.unit_minor);
    this.left = goods.map((one) => one.unit_minor * one.quantity);
    this.taken = goods.map(() => []);
  }

  // Take off what the line can bear.
  take(line, rule, wanted) {
    const amount = Math.min(wanted, this.left[line]);
    if (amount <= 0) return;
    this.left[line] -= amount;
    this.taken[line].push({ ref: rule.ref, name: rule.name, amount_minor: amount });
  }
}

function givenBefore(place, rule) {
  const size = rule.buy_units + rule.get_units;
  return Math.floor(place / size) * rule.get_units + Math.max(0, (place % size) - rule.buy_units);
}

// Units stand in line, the dearest first, cut into sets; the last of each set are given.
function givenAway(sums, goods, lines, rule) {
  const size = rule.buy_units + rule.get_units;
  const inSets = Math.floor(total(lines.map((line) => goods[line].quantity)) / size) * size;
  const weights = new Map(lines.map((line) => [line, 0]));
  const dearest = [...lines].sort((one, other) => sums.units[other] - sums.units[one] || one - other);
  let amount = 0;
  let start = 0;
  for (const line of dearest) {
    const end = Math.min(start + goods[line].quantity, inSets);
    amount += (givenBefore(end, rule) - givenBefore(start, rule)) * share(sums.units[line], rule.basis_points);
    weights.set(line, (end - start) * sums.units[line]);
    start = end;
  }
  return [amount, lines.map((line) => weights.get(line))];
}

function takeWhole(sums, goods, lines, rule) {
  const left = lines.map((line) => sums.left[line]);
  const [amount, weights] =
    rule.kind === "amount" ? [Math.min(rule.amount_minor, total(left)), left] : givenAway(sums, goods, lines, rule);
  if (!amount || !total(weights)) return;
  allocate(amount, weights).forEach((part, place) => sums.take(lines[place], rule, part));
}

function after(unit, percents) {
  return percents.reduce((price, rule) => price - share(price, rule.basis_points), unit);
}

function percentsFor(unit, percents, onIt) {
  if (onIt.some((rule) => !rule.stackable)) return [];
  const shared = percents.filter((rule) => rule.stackable);
  if (onIt.length) return shared;
  const options = [shared, ...percents.filter((rule) => !rule.stackable).map((rule) => [rule])];
  return options.reduce((best, option) => (after(unit, option) < after(unit, best) ? option : best));
}

function applied(goods, touched, percents, chosen) {
  const sums = new Sums(goods);
  goods.forEach((one, line) => {
    const here = (rule) => touched.get(rule.ref).includes(line);
    for (const rule of percentsFor(one.unit_minor, percents.filter(here), chosen.filter(here))) {
      const off = share(sums.units[line], rule.basis_points);
      sums.units[line] -= off;
      sums.take(line, rule, off * one.quantity);
    }
  });
  for (const kind of ["buy_get", "amount"]) {
    for (const rule of chosen) if (rule.kind === kind) takeWhole(sums, goods, touched.get(rule.ref), rule);
  }
  return sums;
}

function* combinations(list, size, from = 0) {
  if (size === 0) yield [];
  else {
    for (let at = from; at <= list.length - size; at += 1) {
      for (const rest of combinations(list, size - 1, at + 1)) yield [list[at], ...rest];
    }
  }
}

const byRef = (one, other) => (one.ref < other.ref ? -1 : one.ref > other.ref ? 1 : 0);

function worthTrying(goods, touched, whole) {
  const saving = new Map(
    whole.map((rule) => {
      const sums = new Sums(goods);
      takeWhole(sums, goods, touched.get(rule.ref), rule);
      return [rule.ref, total(sums.taken.flat().map((one) => one.amount_minor))];
    }),
  );
  const useful = whole.filter((rule) => saving.get(rule.ref) > 0);
  useful.sort((one, other) => saving.get(other.ref) - saving.get(one.ref) || byRef(one, other));
  return useful.slice(0, MOST_COMBINED).sort(byRef);
}

function shareLines(one, other, touched) {
  if (one.stackable && other.stackable) return false;
  return touched.get(one.ref).some((line) => touched.get(other.ref).includes(line));
}

// goods: [{sku, quantity, unit_minor, categories, brand}] → per line what is taken off, by which.
export function reduce(goods, rules) {
  const touched = new Map(rules.map((rule) => [rule.ref, linesOf(rule, goods)]));
  const inOrder = rules.filter((rule) => touched.get(rule.ref).length).sort(byRef);
  const percents = inOrder.filter((rule) => rule.kind === "percent");
  const whole = worthTrying(goods, touched, inOrder.filter((rule) => rule.kind !== "percent"));
  let best = null;
  for (let size = 0; size <= whole.length; size += 1) {
    for (const chosen of combinations(whole, size)) {
      const pairs = [...combinations(chosen, 2)];
      if (pairs.some(([one, other]) => shareLines(one, other, touched))) continue;
      const sums = applied(goods, touched, percents, chosen);
      // Fewer promotions come first, so a tie is won by the simpler answer.
      if (!best || total(sums.left) < total(best.left)) best = sums;
    }
  }
  return best ? best.taken : goods.map(() => []);
}
