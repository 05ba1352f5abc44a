// Goods come back: of a receipt of any till, or of an order on the web. Scan, tap the line, confirm.
// Alone it is a refund; with other goods in the basket an exchange, and only the difference is paid.

import { NoAnswer, Refusal, get, inPath } from "./till-api.js";
import * as basket from "./till-basket.js";
import { books } from "./till-catalog.js";
import { byId, money, piece, say, tell } from "./till-page.js";
import { finish, inCash, withQuote } from "./till-pay.js";
import * as people from "./till-people.js";
import * as sound from "./till-sound.js";
import { newId } from "./till-store.js";
import * as alone from "./till-returns-alone.js";
import * as voiding from "./till-void.js";

let found = null;
let units = new Map();

// Returns whether there is such a receipt.
export async function open(code) {
  if (!people.may("return")) return refuse(say("notAllowed"));
  try {
    found = await get(`/receipts?code=${inPath(code)}`);
  } catch (error) {
    if (error instanceof Refusal) return refuse(error.message);
    if (!(error instanceof NoAnswer)) throw error;
    found = await alone.known(code);
  }
  // What was announced is chosen already: the parcel lies on the counter.
  units = new Map(found.lines.map((line) => [line.line_id, line.announced ?? 0]));
  byId("returns-title").textContent = found.receipt_number ?? found.order_ref;
  byId("returns-reason").replaceChildren(...books.return_reasons.map(({ code: value, name }) => new Option(name, value)));
  byId("returns-shelf").checked = true;
  byId("returns-void").hidden = !voiding.allowed(found);
  byId("returns-blind").hidden = !found.blind;
  drawLines();
  sound.taken();
  byId("returns").showModal();
  const first = byId("returns-lines").querySelector("button:not(:disabled)");
  (found.blind ? byId("returns-article") : first)?.focus();
  return true;
}

// The article itself is scanned: one more of it. Without a network and without its receipt that is all
// there is, at today's price.
function takeArticle(event, text) {
  event.preventDefault();
  byId("returns-article").value = "";
  const article = alone.line(text, found.lines.length + 1);
  const more = ({ sku, line_id, returnable }) => sku === article?.sku && (units.get(line_id) ?? 0) < returnable;
  let line = found.lines.find(more);
  if (!line && article && found.blind) found.lines.push((line = article));
  if (!line) return sound.unknown();
  units.set(line.line_id, (units.get(line.line_id) ?? 0) + 1);
  sound.taken();
  drawLines();
  if (!found.blind) byId("returns-refund").focus();
}

function refuse(text) {
  sound.unknown();
  tell(text);
  return false;
}

// A tap takes one more; after the last one none again.
function tap(line) {
  units.set(line.line_id, (units.get(line.line_id) + 1) % (line.returnable + 1));
  drawLines();
}

const back = (line) => (units.get(line.line_id) ? line.refund_minor[units.get(line.line_id) - 1] : 0);
const refund = () => found.lines.reduce((sum, line) => sum + back(line), 0);

function drawLines() {
  const focused = document.activeElement?.dataset?.back;
  byId("returns-lines").replaceChildren(
    ...found.lines.map((line) => {
      const entry = piece("return");
      const button = entry.querySelector("button");
      const taken = units.get(line.line_id);
      button.dataset.back = line.line_id;
      button.disabled = line.returnable === 0;
      button.setAttribute("aria-pressed", String(taken > 0));
      entry.querySelector(".till__name").textContent = line.title;
      entry.querySelector(".till__detail").textContent = line.returnable
        ? say("returnable", { taken, count: line.returnable })
        : say("nothingBack");
      entry.querySelector(".num").textContent = money(taken ? -back(line) : line.line_minor);
      button.addEventListener("click", () => tap(line));
      return entry;
    }),
  );
  byId("returns-lines").querySelector(`[data-back="${CSS.escape(focused ?? "")}"]`)?.focus();
  byId("returns-sum").textContent = money(refund());
  for (const id of ["returns-refund", "returns-exchange"]) byId(id).disabled = !refund();
}

function chosen() {
  return found.lines
    .filter((line) => units.get(line.line_id))
    .map((line) => ({
      key: newId(),
      order_ref: found.order_ref,
      line_id: line.line_id,
      sku: line.sku,
      title: line.title,
      quantity: units.get(line.line_id),
      unit_minor: line.unit_minor,
      amount_minor: back(line),
      vat_basis_points: line.vat_basis_points,
      disposition: byId("returns-shelf").checked ? "shelf" : "inspect",
      reason: byId("returns-reason").value,
    }));
}

function take() {
  byId("returns").close();
  basket.takeBack(chosen());
}

// Cash goes back as cash, everything else to where it came from.
async function giveBack() {
  const alone = basket.isEmpty();
  const paidInCash = found.tenders.every(({ method }) => method === "cash");
  take();
  if (!alone) return;
  await withQuote((quote) =>
    finish(quote, paidInCash ? inCash(quote.due_minor) : [{ method: "original", amount_minor: quote.due_minor }]),
  );
}

function takeWhole() {
  byId("returns").close();
  return voiding.take(found, byId("returns-reason").value);
}

export function start() {
  byId("returns-void").addEventListener("click", takeWhole);
  // What is said to be broken is not sold to the next one.
  byId("returns-reason").addEventListener("change", ({ target }) => (byId("returns-shelf").checked = target.value !== "defect"));
  byId("returns-refund").addEventListener("click", giveBack);
  byId("returns-exchange").addEventListener("click", take);
  byId("returns-blind").addEventListener("submit", (event) => takeArticle(event, byId("returns-article").value));
  addEventListener("till:code", (event) => byId("returns").open && !found.blind && takeArticle(event, event.detail));
}
