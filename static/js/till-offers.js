// What would go with the basket: drawn beside it, and counted for the report of the back office.

import { addItem } from "./till-adding.js";
import { net, post } from "./till-api.js";
import * as index from "./till-index.js";
import { byId, money, paint, piece, say } from "./till-page.js";
import { state } from "./till-store.js";

let drawn = "[]";
let counted = { sale: null, skus: new Set() };

// Counted once per sale and article, by the sale's id alone. Nobody waits for it.
const tell = (seen) => net.up && post("/suggestions", { sale_id: state.sale_id, ...seen }).catch(() => {});

function count(offers) {
  if (!state.sale_id || !state.quote?.asked) return;
  const first = counted.sale !== state.sale_id;
  if (first) counted = { sale: state.sale_id, skus: new Set() };
  const fresh = offers.some((offer) => !counted.skus.has(offer.sku));
  if (!fresh && !(first && state.quote.trial)) return;
  for (const { sku } of offers) counted.skus.add(sku);
  tell({ shown: offers.map(({ sku, kind }) => ({ sku, kind })) });
}

export function drawOffers() {
  const found = state.lines.length ? (state.quote?.suggestions ?? []) : [];
  // What can be taken along comes before what would have to be sent.
  const offers = [...found].sort((one, other) => (other.available_here > 0) - (one.available_here > 0));
  count(offers);
  const said = JSON.stringify(offers);
  if (said === drawn) return;
  drawn = said;
  byId("suggestions").hidden = offers.length === 0;
  byId("offers").replaceChildren(
    ...offers.map((offer) => {
      const item = piece("offer");
      const count = offer.available_here;
      const here = count > 0 ? say("here", { count }) : say("notHere");
      item.querySelector(".till__name").textContent = offer.title;
      item.querySelector(".till__detail").textContent = `${here} · ${offer.reason}`;
      paint(item.querySelector("img"), offer.picture);
      item.querySelector(".num").textContent = money(offer.unit_minor);
      item.querySelector("button").addEventListener("click", () => {
        tell({ taken: [offer.sku] });
        addItem(index.bySku(offer.sku) ?? { ...offer, sellable: true });
      });
      return item;
    }),
  );
}
