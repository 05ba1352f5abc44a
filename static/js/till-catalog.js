// The catalog on the device: the whole once, then what has changed. Sold from it with and without net.

import { get, inPath } from "./till-api.js";
import * as db from "./till-db.js";
import * as index from "./till-index.js";
import { language } from "./till-page.js";

const PAGE = 5000;
// The first one is short: who waits soon sees how much there is.
const FIRST = 250;
const PATIENCE = 60_000;
const NONE = { price_groups: [], promotions: [], weigh_codes: [], discount_reasons: [], return_reasons: [] };
export const books = { ...NONE, item: index.bySku };
let running = null;

// From the disk into memory, at the start. Returns whether there is a whole catalog.
export async function load() {
  Object.assign(books, NONE, await db.meta("settings"));
  index.put(await db.all("items"));
  return (await db.meta("complete")) === language;
}

// Fetch what has changed. `onPage(done, total)` is told how far a first sync has come.
export function sync(onPage = () => {}) {
  running ??= pages(onPage).finally(() => (running = null));
  return running;
}

async function pages(onPage) {
  // Titles come in one language: another one is another catalog.
  let cursor = (await db.meta("language")) === language ? await db.meta("cursor") : null;
  if (!cursor) await reset();
  let page;
  let done = index.size();
  do {
    const since = cursor ? `&cursor=${inPath(cursor)}` : "";
    page = await get(`/changes?limit=${cursor ? PAGE : FIRST}${since}`, PATIENCE);
    await take(page);
    cursor = page.cursor;
    done += page.items.length;
    onPage(Math.min(done, page.total), page.total);
  } while (page.more);
  await db.remember("complete", language);
}

async function reset() {
  await db.write(["items", "meta"], ({ items, meta }) => {
    items.clear();
    meta.delete("cursor");
    meta.delete("complete");
    meta.put(language, "language");
  });
  index.forget();
}

// One page with its cursor: all of it or nothing.
async function take(page) {
  await db.write(["items", "meta"], ({ items, meta }) => {
    for (const item of page.items) items.put(item);
    for (const sku of page.deleted) items.delete(sku);
    if (page.settings) meta.put(page.settings, "settings");
    meta.put(page.cursor, "cursor");
  });
  index.put(page.items);
  index.drop(page.deleted);
  if (page.settings) Object.assign(books, NONE, page.settings);
}
