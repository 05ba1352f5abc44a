// F10: where else the chosen article lies, fresh from the ledger.

import { NoAnswer, get } from "./till-api.js";
import { byId, piece, say, tell } from "./till-page.js";
import { state } from "./till-store.js";

let here = "";
export const setHere = (location) => (here = location);

function draw(item) {
  byId("stock-title").textContent = item.title;
  byId("stock-rows").replaceChildren(
    ...item.stock.map((place) => {
      const row = piece("stock");
      const [name, free, shelf] = row.cells;
      name.textContent = place.location === here ? `${place.name} (${say("thisPlace")})` : place.name;
      free.textContent = place.available;
      shelf.textContent = place.on_hand;
      return row;
    }),
  );
  byId("stock").showModal();
}

async function open() {
  const sku = state.selected ?? state.lines.at(-1)?.sku;
  if (!sku) return;
  try {
    const item = await get(`/items/${encodeURIComponent(sku)}`);
    draw(item);
  } catch (error) {
    tell(error instanceof NoAnswer ? say("offline") : error.message);
  }
}

export const start = () => byId("elsewhere").addEventListener("click", open);
