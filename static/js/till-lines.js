// Draws the basket: its lines, its sums, and what would go with it.

import * as basket from "./till-basket.js";
import { byId, focusScan, money, piece, say } from "./till-page.js";
import { onChange, state } from "./till-store.js";

// A line keeps its element, so that a button keeps the focus while it is being pressed.
const rows = new Map();

function priceOf(line) {
  const exact = state.quote?.lines.find((each) => each.sku === line.sku);
  const unit = exact?.unit_minor ?? line.unit_minor;
  // What promotions take off was asked for this quantity and no other.
  const off = exact?.quantity === line.quantity ? exact.discount_minor : 0;
  return { unit, sum: unit * line.quantity - off, title: exact?.title ?? line.title };
}

// A picture is shown where there is one, and asked for once.
function paint(image, picture) {
  image.hidden = !picture;
  if (picture && image.getAttribute("src") !== picture) image.src = picture;
}

function draw(row, line) {
  const { unit, sum, title } = priceOf(line);
  const put = (selector, text) => (row.querySelector(selector).textContent = text);
  put(".till__name", title);
  put(".till__detail", line.sku);
  row.querySelector(".till__age").hidden = !line.age_min;
  put(".till__age span", say("age", { age: line.age_min }));
  put(".till__quantity", line.quantity);
  put(".till__unit", money(unit));
  put(".till__sum", money(sum));
  paint(row.querySelector("img"), line.picture);
  if (line.sku === state.selected) row.setAttribute("aria-current", "true");
  else row.removeAttribute("aria-current");
}

function drawLines() {
  const list = byId("lines");
  for (const [sku, row] of rows) {
    if (!state.lines.some((line) => line.sku === sku)) {
      row.remove();
      rows.delete(sku);
    }
  }
  for (const line of state.lines) {
    const fresh = !rows.has(line.sku);
    if (fresh) rows.set(line.sku, piece("line"));
    const row = rows.get(line.sku);
    row.dataset.sku = line.sku;
    if (fresh) list.append(row);
    draw(row, line);
  }
  byId("empty").hidden = state.lines.length > 0;
  rows.get(state.selected)?.scrollIntoView({ block: "nearest" });
}

function drawSums() {
  const exact = state.quote?.revision === state.revision ? state.quote : null;
  const units = state.lines.reduce((sum, line) => sum + line.quantity, 0);
  const guess = state.lines.reduce((sum, line) => sum + priceOf(line).sum, 0);
  byId("total").textContent = money(exact?.total_minor ?? guess);
  byId("total").toggleAttribute("data-stale", !exact && units > 0);
  byId("count").textContent = units === 0 ? "" : units === 1 ? say("article") : say("articles", { count: units });
  byId("sums").hidden = !exact?.saved_minor;
  if (exact?.saved_minor) {
    byId("sum-list").textContent = money(exact.list_minor);
    const offers = exact.lines.flatMap((line) => line.promotions.map((one) => one.name));
    const reasons = [exact.customer?.price_group_name, ...new Set(offers)];
    byId("sum-saved-name").textContent = reasons.filter(Boolean).join(", ");
    byId("sum-saved").textContent = money(-exact.saved_minor);
  }
  for (const id of ["pay-cash", "pay-card", "pay-change"]) byId(id).disabled = units === 0;
  for (const id of ["clear", "elsewhere"]) byId(id).disabled = units === 0;
}

function drawOffers() {
  const found = state.lines.length ? (state.quote?.suggestions ?? []) : [];
  // What can be taken along comes before what would have to be sent.
  const offers = [...found].sort((one, other) => (other.available_here > 0) - (one.available_here > 0));
  byId("suggestions").hidden = offers.length === 0;
  byId("offers").replaceChildren(
    ...offers.slice(0, 3).map((offer) => {
      const item = piece("offer");
      const count = offer.available_here;
      const here = count > 0 ? say("here", { count }) : say("notHere");
      item.querySelector(".till__name").textContent = offer.title;
      item.querySelector(".till__detail").textContent = `${here} · ${offer.reason}`;
      paint(item.querySelector("img"), offer.picture);
      item.querySelector(".num").textContent = money(offer.unit_minor);
      item.querySelector("button").addEventListener("click", () => basket.add(offer));
      return item;
    }),
  );
}

const DOES = {
  more: (sku) => basket.step(sku, 1),
  less: (sku) => basket.step(sku, -1),
  remove: basket.remove,
  select: basket.select,
};

export function start() {
  onChange(() => {
    drawLines();
    drawSums();
    drawOffers();
  });
  byId("lines").addEventListener("click", (event) => {
    const row = event.target.closest("[data-sku]");
    if (!row) return;
    const deed = event.target.closest("[data-do]")?.dataset.do ?? "select";
    DOES[deed](row.dataset.sku);
    if (!row.isConnected) focusScan();
  });
}
