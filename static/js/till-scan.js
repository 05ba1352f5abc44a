// The scan field: a scanner is a keyboard that types very fast and presses Enter.

import * as age from "./till-age.js";
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

// One after the other, in the order scanned; whoever pays waits for the last one.
let queue = Promise.resolve(true);
let open = 0;
export const scanned = () => (open ? queue : Promise.resolve(true));

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

// Also from a search and from an offer: what may not be sold is told, what needs an age is asked.
export async function addItem(item, { times = 1, ...from } = {}) {
  if (state.from?.collection) return refuse(say("fixedBasket"));
  if (!item.sellable) {
    sound.unknown();
    return refuse(say(item.recalled ? "recalled" : "notSellable", { title: item.title }));
  }
  if (item.age_min && !(await age.asked(item))) return refuse(say("tooYoung", { title: item.title }));
  basket.add(item, times, from);
  sound.taken();
  tell(say("added", { title: item.title }), "ok");
  return true;
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

function refuse(text) {
  const field = byId("scan-code");
  field.classList.add("is-refused");
  setTimeout(() => field.classList.remove("is-refused"), 1200);
  tell(text);
  return false;
}

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
    open += 1;
    queue = queue.then(() => take(text)).finally(() => (open -= 1));
  } else if (viewIs("sale")) payExact();
  return queue;
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

