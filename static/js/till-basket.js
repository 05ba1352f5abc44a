// The basket: what is in it, and what it costs. Priced at once from the till's own catalog; the
// server is asked behind it, for what goes with the goods and for promotions that are counted.

import { net, post } from "./till-api.js";
import { books, sync } from "./till-catalog.js";
import { now } from "./till-clock.js";
import * as index from "./till-index.js";
import { say, tell } from "./till-page.js";
import * as prices from "./till-prices.js";
import { keep, newId, state } from "./till-store.js";
import { share } from "./till-sums.js";

const MOST = 999;
const CALM = 150;
const PATIENCE = 1500;
let asking = 0;
let answered = Promise.resolve(null);

function change(values) {
  // What is to be collected costs what was agreed, all of it: it is paid, or left as it is.
  if (state.from?.collection && (values.lines || values.returns) && !("from" in values)) return tell(say("fixedBasket"));
  const began = state.lines.length + state.returns.length === 0;
  const lines = values.lines ?? state.lines;
  const returns = values.returns ?? state.returns;
  const begins = began && lines.length + returns.length > 0;
  // With the last line the customer may leave: nothing that was said of this one is true of the next.
  const ends = !began && lines.length + returns.length === 0;
  if (ends) dispatchEvent(new Event("till:emptied"));
  const start = begins ? { sale_id: newId(), started_at: now().toISOString() } : ends ? UNBEGUN : {};
  keep({ ...values, ...start, revision: state.revision + 1 }, { quietly: true });
  reprice();
  clearTimeout(asking);
  answered = new Promise((resolve) => {
    const ask = () => resolve(askServer(state.revision));
    asking = setTimeout(ask, state.quote?.limited ? 0 : CALM);
  });
}

// The till's own answer, there before the next key.
function reprice() {
  const known = state.lines.filter((line) => line.agreed || index.bySku(line.sku));
  const { customer, code } = state;
  const own = prices.quote(books, { lines: known, customer, code, at: now().getTime() });
  keep({ quote: withReturns({ ...own, revision: state.revision, suggestions: suggested() }) });
}

function withReturns(quote) {
  const refund = state.returns.reduce((sum, line) => sum + line.amount_minor, 0);
  const shipping = state.send?.shipping_minor ?? 0;
  const due = quote.total_minor + shipping - refund;
  return { ...quote, shipping_minor: shipping, refund_minor: refund, due_minor: due };
}

const suggested = () =>
  (state.quote?.suggestions ?? []).filter((one) => !state.lines.some((line) => line.sku === one.sku));

const isPlain = () => !state.lines.some((line) => line.discount || line.label_minor != null || line.agreed);

// Only the answer to the latest question counts; an older one that comes late is thrown away.
async function askServer(revision) {
  if (!state.lines.length || !net.up) return;
  const asked = {
    sale_id: state.sale_id,
    lines: state.lines.map(({ sku, quantity }) => ({ sku, quantity })),
    customer_number: state.customer?.number ?? null,
    promotion_code: state.code,
  };
  try {
    const answer = await post("/quotes", asked);
    if (revision !== state.revision) return;
    const { quote } = state;
    const same = answer.total_minor === quote.lines.reduce((sum, line) => sum + line.line_minor, 0);
    const { suggestions, trial } = answer;
    const merged = same || !isPlain() ? { ...quote, suggestions, trial } : { ...quote, ...answer };
    keep({ quote: withReturns({ ...merged, limited: quote.limited, asked: true }) });
    // Other prices than ours, and not for a limit's sake: something has changed since.
    if (!same && isPlain() && !quote.limited) sync().catch(() => {});
  } catch {
    // Without an answer the till's own one stands.
  }
}

// The quote of the basket as it is now. Only where a promotion is counted the server is waited for.
export async function priced() {
  if (state.quote?.limited && net.up && !state.quote.asked) {
    await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  }
  return state.quote;
}

// `from`: what a code said beyond the article: a price or a weight on a label, a lot.
export function add(item, quantity = 1, from = {}) {
  const lines = state.lines.map((line) => ({ ...line }));
  const label = from.grams ? share(from.grams * 10, item.unit_minor) : (from.label_minor ?? null);
  const lot = from.lot ?? null;
  const same = (line) => line.sku === item.sku && line.lot === lot && label === null && line.label_minor === null;
  const line = lines.find(same);
  const { sku, title, unit_minor, picture = null, age_min = 0 } = item;
  if (line) line.quantity = Math.min(MOST, line.quantity + quantity);
  else {
    const key = lines.some((each) => each.key === sku) ? `${sku}/${newId()}` : sku;
    // What somebody has answered, never what was only shown.
    const checked = age_min ? { age_checked: state.old_enough >= age_min } : {};
    const fresh = { key, sku, title, unit_minor, picture, age_min, label_minor: label, lot, ...checked };
    lines.push({ ...fresh, quantity: Math.min(MOST, quantity), grams: from.grams ?? null });
  }
  change({ lines, selected: line?.key ?? lines.at(-1).key });
}

export function step(key, by) {
  const lines = state.lines
    .map((line) => (line.key === key ? { ...line, quantity: Math.min(MOST, line.quantity + by) } : line))
    .filter((line) => line.quantity > 0);
  change({ lines, selected: lines.some((line) => line.key === key) ? key : (lines.at(-1)?.key ?? null) });
}

export function remove(key) {
  if (state.returns.some((line) => line.key === key)) {
    change({ returns: state.returns.filter((line) => line.key !== key) });
  } else step(key, -MOST);
}

const changed = (key, more) => state.lines.map((line) => (line.key === key ? { ...line, ...more } : line));
export const discount = (key, given) => change({ lines: changed(key, { discount: given }) });

export const sendHome = (key, address, shipping) =>
  change({ lines: changed(key, { home: true }), send: { ...address, shipping_minor: shipping } });

const NOTHING = { lines: [], returns: [], selected: null, customer: null, code: null, send: null, from: null };
const UNBEGUN = { sale_id: null, started_at: null, old_enough: 0, too_young: 0, refused: [] };
export const takeBack = (returns) => change({ returns: [...state.returns, ...returns] });
export const setCustomer = (customer) => change({ customer });
export const setCode = (code) => change({ code });
export const extend = change;
export const empty = () => change({ ...NOTHING, ...UNBEGUN, quote: null });
// It stands in the book, or waits: what was said of it went along.
export function leave() {
  keep({ refused: [] }, { quietly: true });
  empty();
}
export const refill = (basket) => change({ ...NOTHING, ...UNBEGUN, ...basket });
export const refresh = () => change({});
export const select = (selected) => keep({ selected });
export const isEmpty = () => state.lines.length + state.returns.length === 0;

export function selectNext(by) {
  const at = state.lines.findIndex((line) => line.key === state.selected);
  const next = state.lines[Math.max(0, Math.min(state.lines.length - 1, at + by))];
  if (next) select(next.key);
}
