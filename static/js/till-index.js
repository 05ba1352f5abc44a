// The catalog in memory: an article by SKU, by GTIN, or by words of its name; fast at 50,000.

import { folded } from "./till-folding.js";

const items = new Map();
const gtins = new Map();
// Names are folded when somebody searches for the first time, not while 50,000 come in; after that
// only those that have changed.
const names = new Map();

export const size = () => items.size;
export const bySku = (sku) => items.get(sku) ?? null;
export const byGtin = (gtin) => items.get(gtins.get(gtin)) ?? null;

export function put(all) {
  for (const item of all) {
    for (const gtin of items.get(item.sku)?.gtins ?? []) gtins.delete(gtin);
    items.set(item.sku, item);
    for (const gtin of item.gtins) gtins.set(gtin, item.sku);
    names.delete(item.sku);
  }
}

export function drop(skus) {
  for (const sku of skus) {
    for (const gtin of items.get(sku)?.gtins ?? []) gtins.delete(gtin);
    items.delete(sku);
    names.delete(sku);
  }
}

export function forget() {
  items.clear();
  gtins.clear();
  names.clear();
}

// A SKU as it is written on a shelf, in whatever case.
export const bySkuTyped = (text) => bySku(text) ?? bySku(text.toUpperCase());

// With a blank in front, so that a word is found by " word".
function nameOf(item) {
  let name = names.get(item.sku);
  if (name === undefined) {
    name = ` ${folded(`${item.title} ${item.brand} ${item.sku}`)}`;
    names.set(item.sku, name);
  }
  return name;
}

// Every word has to begin a word of the name; what begins the name itself comes first.
export function search(text, most = 8) {
  const words = folded(text).split(" ").filter(Boolean).map((word) => ` ${word}`);
  if (!words.length) return [];
  const found = [];
  for (const item of items.values()) {
    if (!item.sellable) continue;
    const name = nameOf(item);
    let rank = 0;
    for (const word of words) {
      const at = name.indexOf(word);
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
