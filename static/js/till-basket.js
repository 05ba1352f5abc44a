// The basket: what is in it, and what it costs. Prices come from the one price engine, per basket.

import { NoAnswer, get, post } from "./till-api.js";
import { say, tell } from "./till-page.js";
import { keep, state } from "./till-store.js";

const MOST = 999;
const known = new Map();
let quoting = Promise.resolve(null);

function change(values) {
  keep({ ...values, revision: state.revision + 1 });
  quoting = quote(state.revision);
  return quoting;
}

// Only the answer to the latest question counts; an older one that comes late is thrown away.
async function quote(revision) {
  if (!state.lines.length) {
    keep({ quote: null });
    return null;
  }
  const asked = {
    lines: state.lines.map(({ sku, quantity }) => ({ sku, quantity })),
    customer_number: state.customer?.number ?? null,
  };
  try {
    const answer = await post("/quotes", asked);
    if (revision !== state.revision) return quoting;
    keep({ quote: { ...answer, revision }, customer: answer.customer });
    return state.quote;
  } catch (error) {
    if (revision !== state.revision) return quoting;
    tell(error instanceof NoAnswer ? say("offline") : why(error));
    return null;
  }
}

function why(refusal) {
  const line = state.lines.find(({ sku }) => sku === refusal.facts.sku);
  return line ? `${line.title}: ${refusal.message}` : refusal.message;
}

// The quote of the basket as it is now, or null where there is none to be had.
export async function priced() {
  const current = await quoting;
  if (current && current.revision === state.revision) return current;
  return (quoting = quote(state.revision));
}

export async function lookUp(code) {
  const item = known.get(code) ?? (await get(`/items/${encodeURIComponent(code)}`));
  for (const name of [code, item.sku]) known.set(name, item);
  return item;
}

export function add({ sku, title, unit_minor, picture = null, age_min = 0 }, quantity = 1) {
  const lines = state.lines.map((line) => ({ ...line }));
  const line = lines.find((each) => each.sku === sku);
  if (line) line.quantity = Math.min(MOST, line.quantity + quantity);
  else lines.push({ sku, title, unit_minor, picture, age_min, quantity: Math.min(MOST, quantity) });
  return change({ lines, selected: sku });
}

export function step(sku, by) {
  const lines = state.lines
    .map((line) => (line.sku === sku ? { ...line, quantity: Math.min(MOST, line.quantity + by) } : line))
    .filter((line) => line.quantity > 0);
  return change({ lines, selected: lines.some((line) => line.sku === sku) ? sku : lines.at(-1)?.sku ?? null });
}

export const remove = (sku) => step(sku, -MOST);
export const setCustomer = (customer) => change({ customer });
export const empty = () => change({ lines: [], selected: null, customer: null });
export const refresh = () => change({});
export const select = (sku) => keep({ selected: sku });

export function selectNext(by) {
  const at = state.lines.findIndex((line) => line.sku === state.selected);
  const next = state.lines[Math.max(0, Math.min(state.lines.length - 1, at + by))];
  if (next) select(next.sku);
}
