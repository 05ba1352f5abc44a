// The scan field: a scanner is a keyboard that types very fast and presses Enter.

import { NoAnswer, Refusal } from "./till-api.js";
import * as basket from "./till-basket.js";
import { isNumber, takeCustomer } from "./till-customer.js";
import { byId, say, tell, viewIs } from "./till-page.js";
import { payExact, settled } from "./till-pay.js";
import { next } from "./till-receipt.js";
import * as sound from "./till-sound.js";
import { state } from "./till-store.js";

// One after the other, in the order scanned; whoever pays waits for the last one.
let queue = Promise.resolve(true);
let open = 0;
export const scanned = () => (open ? queue : Promise.resolve(true));

// "3*9520…" is three of it.
const TIMES = /^(\d{1,3})\s*[*×]\s*(\S.*)$/;

async function take(text) {
  await settled();
  if (viewIs("receipt")) next();
  const [, times, code] = TIMES.exec(text) ?? [null, "1", text];
  try {
    if (isNumber(code) && (await takeCustomer(code, { orElse: true }))) return true;
    const item = await basket.lookUp(code);
    basket.add(item, Math.max(1, Number(times)));
    sound.taken();
    tell(say("added", { title: item.title }), "ok");
    return true;
  } catch (error) {
    sound.unknown();
    refuse(code, error);
    return false;
  }
}

function refuse(code, error) {
  const field = byId("scan-code");
  field.classList.add("is-refused");
  setTimeout(() => field.classList.remove("is-refused"), 1200);
  if (error instanceof NoAnswer) tell(say("offline"));
  else if (error.code === "gtin") tell(say(code.length < 8 ? "unknown" : "wrongDigit", { code }));
  else if (error.code === "item") tell(say("unknown", { code }));
  else if (error instanceof Refusal) tell(`${code}: ${error.message}`);
  else {
    reportError(error);
    tell(say("broken"));
  }
}

// With the field empty, keys work on the chosen line.
const KEYS = {
  ArrowUp: () => basket.selectNext(-1),
  ArrowDown: () => basket.selectNext(1),
  "+": () => state.selected && basket.step(state.selected, 1),
  "-": () => state.selected && basket.step(state.selected, -1),
  Delete: () => state.selected && basket.remove(state.selected),
};

export function start() {
  const field = byId("scan-code");
  byId("scan").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    field.value = "";
    if (text) {
      open += 1;
      queue = queue.then(() => take(text)).finally(() => (open -= 1));
    } else if (viewIs("sale")) payExact();
  });
  field.addEventListener("keydown", (event) => {
    if (field.value || !KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key]();
  });
}
