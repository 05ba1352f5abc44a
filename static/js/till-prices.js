// What a basket costs, from the till's own catalog: the answer that the one price engine would give.

import { reduce } from "./till-promotions.js";
import { share } from "./till-sums.js";

// Everyone's price; of the planned ones the last that has taken effect meanwhile.
export function listPrice(item, at) {
  const next = (item.next ?? []).filter(({ from }) => Date.parse(from) <= at);
  return next.at(-1)?.unit_minor ?? item.unit_minor;
}

// The till is sent its own promotions, planned ones too.
function isFor(rule, { at, group, code }) {
  return (
    Date.parse(rule.starts_at) <= at &&
    (!rule.ends_at || Date.parse(rule.ends_at) > at) &&
    (!rule.code || rule.code === code) &&
    (!rule.price_groups.length || rule.price_groups.includes(group))
  );
}

export const inForce = (promotions, asking) => promotions.filter((rule) => isFor(rule, asking));
const isLimited = (rule) => rule.limit_total !== null || rule.limit_per_customer !== null;

function pricedLine(line, item, discount, at) {
  const list = line.label_minor ?? listPrice(item, at);
  const unit = line.label_minor ?? list - share(list, discount);
  return {
    sku: item.sku,
    item,
    quantity: line.quantity,
    list_unit_minor: list,
    unit_minor: unit,
    vat_basis_points: item.vat_basis_points,
    age_min: item.age_min,
    picture: item.picture,
  };
}

// An order that is paid when it is collected: at the prices that stand on it, whatever they are now.
function agreed(lines, customer) {
  const done = lines.map(({ sku, title, quantity, unit_minor, picture, age_min, agreed: order }) => {
    const discount_minor = unit_minor * quantity - order.line_minor;
    const line = { sku, title, quantity, unit_minor, list_unit_minor: unit_minor, picture, age_min };
    return { ...line, ...order, discount_minor, own_discount_minor: 0 };
  });
  const total = done.reduce((sum, line) => sum + line.line_minor, 0);
  const list = done.reduce((sum, line) => sum + line.unit_minor * line.quantity, 0);
  const points = customer ? Math.floor(total / 100) : 0;
  const sums = { list_minor: list, saved_minor: list - total, total_minor: total };
  return { lines: done, ...sums, limited: false, customer, promotion_code: null, points, suggestions: [] };
}

// books: {item(sku), promotions, price_groups}; asking: {lines, customer, code, at}.
// Lines: {sku, quantity, label_minor?, discount?: {amount_minor}}. A promotion with a limit is the
// server's to give: only it knows how much is left; `limited` says that there may be one.
export function quote(books, { lines, customer = null, code = null, at }) {
  if (lines.some((line) => line.agreed)) return agreed(lines, customer);
  const group = customer?.price_group ?? "standard";
  const discount = books.price_groups.find((each) => each.code === group)?.discount_basis_points ?? 0;
  const offered = inForce(books.promotions, { at, group, code });
  const rules = offered.filter((rule) => !isLimited(rule));
  const priced = lines.map((line) => pricedLine(line, books.item(line.sku), discount, at));
  const goods = priced.map(({ sku, quantity, unit_minor, item }) => ({
    sku,
    quantity,
    unit_minor,
    brand: item.brand,
    categories: item.categories,
  }));
  const taken = rules.length ? reduce(goods, rules) : goods.map(() => []);
  const done = priced.map(({ item, ...line }, place) => {
    const off = taken[place].reduce((sum, one) => sum + one.amount_minor, 0);
    const whole = line.unit_minor * line.quantity - off;
    const own = Math.min(whole, lines[place].discount?.amount_minor ?? 0);
    return {
      ...line,
      title: item.title,
      discount_minor: off,
      own_discount_minor: own,
      line_minor: whole - own,
      promotions: taken[place].map((one) => ({
        ref: one.ref,
        name: one.name,
        amount_minor: one.amount_minor,
      })),
    };
  });
  const total = done.reduce((sum, line) => sum + line.line_minor, 0);
  const list = done.reduce((sum, line) => sum + line.list_unit_minor * line.quantity, 0);
  return {
    lines: done,
    list_minor: list,
    saved_minor: list - total,
    total_minor: total,
    limited: offered.length > rules.length,
    customer,
    promotion_code: code,
    points: customer ? Math.floor(total / 100) : 0,
    suggestions: [],
  };
}
