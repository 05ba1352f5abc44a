// Draws the basket: its lines and its sums.

import * as basket from "./till-basket.js";
import { drawOffers } from "./till-offers.js";
import { byId, focusScan, money, paint, piece, plain, say } from "./till-page.js";
import { onChange, state } from "./till-store.js";

// A line keeps its element, so that a button keeps the focus while it is being pressed.
const rows = new Map();

// A text that stands there already is left alone: the basket is laid out anew for what has changed.
function write(element, text) {
  const said = String(text);
  if (element.textContent !== said) element.textContent = said;
}

const kilos = (grams) => `${plain.format(grams / 1000)} kg`;

function draw(row, line, priced) {
  const put = (selector, text) => write(row.querySelector(selector), text);
  const off = (priced?.discount_minor ?? 0) + (priced?.own_discount_minor ?? 0);
  const less = off ? `${money(-off)} ${line.discount ? say("discount") : ""}` : "";
  put(".till__name", priced?.title ?? line.title);
  put(".till__detail", [line.sku, line.lot, line.grams && kilos(line.grams), less.trim(), line.home && say("home")].filter(Boolean).join(" · "));
  row.querySelector(".till__age").hidden = !line.age_min;
  row.querySelector(".till__age").toggleAttribute("data-seen", Boolean(line.age_checked));
  put(".till__age span", say(line.age_checked ? "ageSeen" : "age", { age: line.age_min }));
  put(".till__quantity", line.quantity);
  put(".till__unit", money(priced?.unit_minor ?? line.unit_minor));
  put(".till__sum", money(priced?.line_minor ?? line.unit_minor * line.quantity));
  paint(row.querySelector("img"), line.picture);
}

function drawReturn(row, line) {
  row.classList.add("till__line--back");
  const put = (selector, text) => write(row.querySelector(selector), text);
  put(".till__name", line.title);
  put(".till__detail", say("cameBack", { ref: line.order_ref }));
  put(".till__quantity", line.quantity);
  put(".till__sum", money(-line.amount_minor));
  for (const step of row.querySelectorAll("[data-do=less], [data-do=more]")) step.hidden = true;
}

function drawLines() {
  const list = byId("lines");
  const all = [...state.lines, ...state.returns];
  for (const [key, row] of rows) {
    if (all.some((line) => line.key === key)) continue;
    row.remove();
    rows.delete(key);
  }
  for (const [place, line] of all.entries()) {
    const fresh = !rows.has(line.key);
    if (fresh) rows.set(line.key, piece("line"));
    const row = rows.get(line.key);
    if (fresh) {
      row.dataset.line = line.key;
      list.append(row);
    }
    if (line.line_id) drawReturn(row, line);
    else draw(row, line, state.quote?.lines[place]);
    if (line.key === state.selected) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
  rows.get(state.selected)?.scrollIntoView({ block: "nearest" });
}

function drawSums() {
  const { quote } = state;
  const units = state.lines.reduce((sum, line) => sum + line.quantity, 0);
  const nothing = units === 0 && !state.returns.length;
  const due = nothing ? 0 : (quote?.due_minor ?? 0);
  byId("total").textContent = money(Math.abs(due));
  byId("total-name").textContent = say(due < 0 ? "toPayOut" : "toPay");
  byId("count").textContent = units === 0 ? "" : units === 1 ? say("article") : say("articles", { count: units });
  const saved = nothing ? 0 : quote?.saved_minor;
  byId("sums").hidden = !saved;
  if (saved) {
    byId("sum-list").textContent = money(quote.list_minor);
    const offers = quote.lines.flatMap((line) => line.promotions.map((one) => one.name));
    const own = quote.lines.some((line) => line.own_discount_minor) ? say("discount") : "";
    const reasons = [quote.customer?.price_group !== "standard" && quote.customer?.price_group_name, ...new Set(offers), own];
    byId("sum-saved-name").textContent = reasons.filter(Boolean).join(", ");
    byId("sum-saved").textContent = money(-saved);
  }
  byId("pay-cash").firstChild.textContent = say(due < 0 ? "cashOut" : "exactCash");
  byId("pay-card").firstChild.textContent = say(due < 0 ? "toOriginal" : "card");
  for (const id of ["pay-cash", "pay-card", "clear", "park", "discount-open"]) byId(id).disabled = nothing;
  byId("pay-change").disabled = nothing || due <= 0;
  byId("elsewhere").disabled = units === 0;
}

const DOES = {
  more: (key) => basket.step(key, 1),
  less: (key) => basket.step(key, -1),
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
    const row = event.target.closest("[data-line]");
    if (!row) return;
    const deed = event.target.closest("[data-do]")?.dataset.do ?? "select";
    DOES[deed](row.dataset.line);
    if (!row.isConnected) focusScan();
  });
}
