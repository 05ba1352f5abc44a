// Keys wherever the focus is: F-keys press their button, a scanner's digits find the scan field.

import { byId, focusScan, viewIs } from "./till-page.js";
import { next, settledAWhile } from "./till-receipt.js";

const seen = (element) => element.getClientRects().length > 0;

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  // A key may stand on a button of each view; what can be seen is meant.
  const targets = [...document.querySelectorAll(`[data-till-key="${CSS.escape(event.key)}"]`)];
  const target = targets.find(seen) ?? targets[0];
  if (target) {
    event.preventDefault();
    if (event.repeat || target.disabled || !seen(target)) return;
    if (target.matches("input")) target.focus();
    else target.click();
    return;
  }
  if (viewIs("receipt")) onReceipt(event);
  else if (viewIs("sale") && !event.target.matches("input, button, select, [role=option]")) onSale(event);
}

function onReceipt(event) {
  const typed = event.key.length === 1 && event.key !== " ";
  const enter = event.key === "Enter" && !event.target.matches("button");
  if (enter) event.preventDefault();
  if (!typed && !(enter && !event.repeat && settledAWhile())) return;
  next();
  // The key goes on to the field, so a scan begins the next sale by itself.
  byId("scan-code").focus();
}

function onSale(event) {
  if (event.key.length === 1) byId("scan-code").focus();
  else if (event.key === "Enter" && !event.repeat) byId("scan").requestSubmit();
}

// A scanner that types while a button has the focus: its digits belong to the scan field.
function strayed(event) {
  if (viewIs("sale") && event.target.matches("button") && /^[0-9A-Za-z]$/.test(event.key)) {
    byId("scan-code").focus();
  }
}

export function start() {
  document.addEventListener("keydown", pressed);
  document.addEventListener("keydown", strayed);
  // After a press with the mouse the keyboard belongs to the scan field again.
  document.addEventListener("click", (event) => {
    if (event.detail > 0 && !event.target.closest("input, label, select, dialog")) focusScan();
  });
}
