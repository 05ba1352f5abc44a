// The catalog in memory: an article by SKU, by GTIN, or by words of its name; fast at 50,000.

import { folded } from "./till-folding.js";

const items = new Map();
const gtins = new Map();
// Names are folded when somebody searches for the first time, not while 50,000 come in.
let names = null;

export const size = () => items.size;
export const bySku = (sku) => items.get(sku) ?? null;
export const byGtin = (gtin) => items.get(gtins.get(gtin)) ?? null;

export function put(all) {
  for (const item of all) {
    for (const gtin of items.get(item.sku)?.gtins ?? []) gtins.delete(gtin);
    items.set(item.sku, item);
    for (const gtin of item.gtins) gtins.set(gtin, item.sku);
  }
  names = null;
}

export function drop(skus) {
  for (const sku of skus) {
    for (const gtin of items.get(sku)?.gtins ?? []) gtins.delete(gtin);
    items.delete(sku);
  }
  names = null;
}

export function forget() {
  items.clear();
  gtins.clear();
  names = null;
}

// A SKU as it is written on a shelf, in whatever case.
export const bySkuTyped = (text) => bySku(text) ?? bySku(text.toUpperCase());

function folder() {
  names ??= [...items.values()].map((item) => [
    item,
    folded(`${item.title} ${item.brand} ${item.sku}`),
  ]);
  return names;
}

// Every word has to begin a word of the name; what begins the name itself comes first.
export function search(text, most = 8) {
  const words = folded(text).split(" ").filter(Boolean);
  if (!words.length) return [];
  const found = [];
  for (const [item, name] of folder()) {
    if (!item.sellable) continue;
    let rank = 0;
    for (const word of words) {
      const at = ` ${name}`.indexOf(` ${word}`);
      if (at < 0) {
        rank = -1;
        break;
      }
      rank += at;
    }
    if (rank >= 0) found.push([rank, item]);
  }
  found.sort(([one, a], [other, b]) => one - other || (a.title < b.title ? -1 : 1));
  return found.slice(0, most).map(([, item]) => item);
}
