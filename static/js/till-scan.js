// The scan field: a scanner is a keyboard that types very fast and presses Enter.

import { addItem, refuse } from "./till-adding.js";
import { Refusal } from "./till-api.js";
import * as basket from "./till-basket.js";
import { books } from "./till-catalog.js";
import { read } from "./till-codes.js";
import * as counter from "./till-counter.js";
import { takeCustomer } from "./till-customer.js";
import * as index from "./till-index.js";
import { find } from "./till-look-up.js";
import { byId, say, tell, viewIs } from "./till-page.js";
import { payExact } from "./till-pay.js";
import { next } from "./till-receipt.js";
import * as search from "./till-search.js";
import * as sound from "./till-sound.js";
import { state } from "./till-store.js";
import { inTurn, scanned } from "./till-waiting.js";

// Receipts of every till, orders, and their addresses as a QR holds them.
export const RECEIPT = /^([a-z][a-z0-9]*-\d+-\d{6}|(?:[KR]|RS)-[0-9A-Z]{6}|https?:\/\/\S+\/(order|bestellung|beleg|receipt|bon)s?\/\S+)$/i;

async function take(text) {
  if (viewIs("receipt")) next();
  const code = read(text, { labels: books.weigh_codes, receipts: RECEIPT });
  try {
    return await DOES[code.kind](code);
  } catch (error) {
    sound.unknown();
    if (error instanceof Refusal) refuse(`${code.code}: ${error.message}`);
    else {
      reportError(error);
      refuse(say("broken"));
    }
    return false;
  }
}

async function takeItem(code) {
  const item = await find(code).catch((error) => {
    if (error.code === "item") return null;
    throw error;
  });
  if (!item) return unknown(code);
  return addItem(item, code);
}

// Seven digits may be a SKU, too: an exact one comes first.
async function takeCard(code) {
  const item = index.bySku(code.code);
  if (item) return addItem(item, code);
  return takeCustomer(code.number);
}

async function takeText(code) {
  const item = await find({ ...code, kind: "item", sku: code.code }).catch(() => null);
  if (item) return addItem(item, code);
  return (await counter.openBasket(code.code)) ?? (search.find(code.code) || unknown(code));
}

function unknown({ code }) {
  sound.unknown();
  return refuse(say("unknown", { code }));
}

function wrong({ code }) {
  sound.unknown();
  return refuse(say("wrongDigit", { code }));
}

const DOES = { item: takeItem, customer: takeCard, text: takeText, wrong, receipt: ({ code }) => counter.open(code) };

// With the field empty, keys work on the chosen line.
const KEYS = {
  ArrowUp: () => basket.selectNext(-1),
  ArrowDown: () => basket.selectNext(1),
  "+": () => state.selected && basket.step(state.selected, 1),
  "-": () => state.selected && basket.step(state.selected, -1),
  Delete: () => state.selected && basket.remove(state.selected),
};

export function submit(text) {
  search.close();
  if (text) {
    inTurn(() => take(text));
  } else if (viewIs("sale")) payExact();
  return scanned();
}

export function start() {
  const field = byId("scan-code");
  byId("scan").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    field.value = "";
    submit(text);
  });
  field.addEventListener("keydown", (event) => {
    if (field.value || !KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key]();
  });
}
