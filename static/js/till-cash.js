// Cash with change: what was given, what goes back. Only what stays in the drawer is posted.

import * as basket from "./till-basket.js";
import { byId, focusScan, money, say, tell, viewIs } from "./till-page.js";
import { pay } from "./till-pay.js";
import { scanned } from "./till-scan.js";
import { state } from "./till-store.js";

// Nobody pays with more than this beyond the sum: it is a slip, or a barcode in the wrong field.
const MOST_CHANGE = 50000;
const NOTES = [500, 1000, 2000, 5000, 10000, 20000];
let due = 0;

// "50", "50,00", "12.5" → minor units; null for anything else.
function amount(text) {
  const parts = /^(\d{1,7})(?:[.,](\d{1,2}))?\s*€?$/.exec(text.trim());
  return parts && Number(parts[1]) * 100 + Number((parts[2] ?? "").padEnd(2, "0"));
}

// What people are likely to hand over: the sum rounded up to each note.
function likely(total) {
  const rounded = NOTES.map((note) => Math.ceil(total / note) * note);
  return [...new Set(rounded)].filter((sum) => sum > total).slice(0, 4);
}

async function open() {
  if (!viewIs("sale") || state.pending) return;
  const quote = (await scanned()) && (await basket.priced());
  if (!quote) {
    if (state.lines.length) tell(byId("till-message").textContent || say("noPrice"));
    return;
  }
  due = quote.total_minor;
  byId("cash-total").textContent = money(due);
  byId("cash-given").value = "";
  byId("cash-notes").replaceChildren(
    ...likely(due).map((sum) => {
      const note = document.createElement("button");
      note.type = "button";
      note.className = "btn btn--quiet btn--s num";
      note.textContent = money(sum);
      note.addEventListener("click", () => {
        byId("cash-given").value = (sum / 100).toFixed(2).replace(".", ",");
        draw();
        byId("cash-take").focus();
      });
      return note;
    }),
  );
  draw();
  byId("cash").showModal();
  byId("cash-given").focus();
}

function draw() {
  const given = amount(byId("cash-given").value);
  const back = (given ?? 0) - due;
  byId("cash-message").textContent = back > MOST_CHANGE ? say("tooMuch") : "";
  byId("cash-change-name").textContent = say(given !== null && back < 0 ? "missing" : "change");
  byId("cash-change").textContent = given === null ? "–" : money(Math.abs(back));
}

function take(event) {
  event.preventDefault();
  const given = amount(byId("cash-given").value);
  if (given === null || given < due) {
    byId("cash-message").textContent = say("noAmount");
    byId("cash-given").select();
    return;
  }
  if (given - due > MOST_CHANGE) return;
  byId("cash").close();
  pay("cash", given);
}

export function start() {
  byId("pay-change").addEventListener("click", open);
  byId("cash-given").addEventListener("input", draw);
  byId("cash-form").addEventListener("submit", take);
  for (const id of ["cash", "stock"]) byId(id).addEventListener("close", focusScan);
}
