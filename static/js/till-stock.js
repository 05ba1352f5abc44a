// F10: where else the chosen article lies, fresh from the ledger.

import { NoAnswer, get, inPath } from "./till-api.js";
import { device } from "./till-device.js";
import { byId, piece, say, tell } from "./till-page.js";
import { state } from "./till-store.js";

function draw(item) {
  byId("stock-title").textContent = item.title;
  byId("stock-rows").replaceChildren(
    ...item.stock.map((place) => {
      const row = piece("stock");
      const [name, free, shelf] = row.cells;
      name.textContent = place.location === device().location ? `${place.name} (${say("thisPlace")})` : place.name;
      free.textContent = place.available;
      shelf.textContent = place.on_hand;
      return row;
    }),
  );
  byId("stock").showModal();
}

async function open() {
  const line = state.lines.find(({ key }) => key === state.selected) ?? state.lines.at(-1);
  const sku = line?.sku;
  if (!sku) return;
  try {
    const item = await get(`/items/${inPath(sku)}`);
    draw(item);
  } catch (error) {
    tell(error instanceof NoAnswer ? say("offline") : error.message);
  }
}

export const start = () => byId("elsewhere").addEventListener("click", open);
