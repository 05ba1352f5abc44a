// What this store sells most, while the screen is empty: one tap begins a sale, also of what has no
// code to scan. Kept on the device, so that it is there without a network, too.

import { addItem } from "./till-adding.js";
import { get, net } from "./till-api.js";
import * as basket from "./till-basket.js";
import * as db from "./till-db.js";
import * as index from "./till-index.js";
import { byId, focusScan, money, paint, piece } from "./till-page.js";
import { onChange } from "./till-store.js";

const OFTEN = 3600_000;
let skus = [];
let asked = -Infinity;
let drawn = null;

// Asked for once an hour; without an answer those of yesterday stand.
export async function refresh() {
  if (!skus.length) skus = (await db.meta("favourites")) ?? [];
  if (net.up && performance.now() - asked > OFTEN) {
    const answer = await get("/best-sellers").catch(() => null);
    if (answer) {
      asked = performance.now();
      ({ skus } = answer);
      await db.remember("favourites", skus);
    }
  }
  draw();
}

function tile(item) {
  const entry = piece("favourite");
  entry.querySelector(".till__name").textContent = item.title;
  entry.querySelector(".num").textContent = money(item.unit_minor);
  paint(entry.querySelector("img"), item.picture);
  entry.querySelector("button").addEventListener("click", async () => {
    await addItem(index.bySku(item.sku) ?? item);
    focusScan();
  });
  return entry;
}

function draw() {
  if (!basket.isEmpty()) {
    byId("favourites").hidden = byId("empty").hidden = true;
    return;
  }
  const sold = skus.map(index.bySku).filter((item) => item?.sellable);
  byId("favourites").hidden = sold.length === 0;
  byId("empty").hidden = sold.length > 0;
  const said = JSON.stringify(sold.map(({ sku, title, unit_minor, picture }) => [sku, title, unit_minor, picture]));
  if (said === drawn) return;
  drawn = said;
  byId("favourite-tiles").replaceChildren(...sold.map(tile));
}

export const start = () => onChange(draw);
