// A wedge scanner wherever the focus is: it types faster than any hand and ends with Enter. What reads
// as a code is scanned, not left in a field for something else, and never presses a button.

import { books } from "./till-catalog.js";
import { SEPARATOR, read } from "./till-codes.js";
import * as index from "./till-index.js";
import { focusScan, viewIs } from "./till-page.js";
import { RECEIPT, submit } from "./till-scan.js";
import * as sound from "./till-sound.js";

// Milliseconds between two keys at most, in a field that somebody may type into. Elsewhere keys that come
// more slowly, from a busy device, may be a code as well: what they read as decides.
const FAST = 250;
const PATIENT = 2000;
const LEAST = 6;
let burst = "";
let fast = 0; // where in the burst the keys that came fast begin
let last = 0;

const typing = (element) => element.matches("input, select, textarea");
const scanField = (element) => element.id === "scan-code";
// Fields of their own for codes: what is scanned into them is meant for them.
const takesCodes = (element) => scanField(element) || element.matches("[data-scans]");

function isCode(text, target) {
  if (text.length < LEAST) return false;
  const { kind } = read(text, { labels: books.weigh_codes, receipts: RECEIPT });
  if (kind === "customer") return target.id !== "customer-number";
  return kind !== "text" || Boolean(index.bySkuTyped(text));
}

function takeOut(target, code) {
  if (!target.matches("input") || !target.value.endsWith(code)) return;
  target.value = target.value.slice(0, -code.length);
  target.dispatchEvent(new Event("input", { bubbles: true }));
}

// Enter, at the end of a burst that is a code, with the focus where no code belongs.
function scanned(event, code) {
  const open = [...document.querySelectorAll("dialog[open]")].at(-1);
  // A field of a dialog says itself that a barcode is no amount.
  if (open && !("passing" in open.dataset) && event.target.matches("input, select, textarea")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  // Goods that come back are chosen by their code; whoever takes it says so by preventing the rest.
  const heard = !dispatchEvent(new CustomEvent("till:code", { detail: code, cancelable: true }));
  if (heard) return null;
  if (open && !("passing" in open.dataset)) return sound.unknown();
  takeOut(event.target, code);
  open?.close();
  focusScan();
  return submit(code);
}

function add(sign, { target, timeStamp }) {
  const pause = timeStamp - last;
  if (pause >= (typing(target) ? FAST : PATIENT)) burst = "";
  if (pause >= FAST) fast = burst.length;
  burst += sign;
  last = timeStamp;
}

function onKey(event) {
  const { target, key, timeStamp } = event;
  // FNC1 inside an element string comes as Ctrl and the key right of P that makes it a GS.
  if (event.ctrlKey && event.code === "BracketRight") {
    event.preventDefault();
    if (target.matches("input")) target.setRangeText(SEPARATOR, target.selectionStart, target.selectionEnd, "end");
    add(SEPARATOR, event);
  } else if (event.ctrlKey || event.metaKey || event.altKey) return;
  else if (key.length === 1) add(key, event);
  else if (key === "Enter") {
    const whole = timeStamp - last < (typing(target) ? FAST : PATIENT) ? burst : "";
    const codes = typing(target) ? [whole.slice(fast)] : [whole.slice(fast), whole];
    burst = "";
    if (event.defaultPrevented || !viewIs("sale") || takesCodes(target)) return;
    const code = codes.find((text) => isCode(text, target));
    if (code) scanned(event, code);
  } else if (key !== "Shift") burst = "";
}

export const start = () => document.addEventListener("keydown", onKey);
