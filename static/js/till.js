// The till: every behaviour has its module; here they are joined and started.

import * as basket from "./till-basket.js";
import * as cash from "./till-cash.js";
import * as clock from "./till-clock.js";
import * as customer from "./till-customer.js";
import * as device from "./till-device.js";
import * as keys from "./till-keys.js";
import * as lines from "./till-lines.js";
import { byId, say, show } from "./till-page.js";
import * as pay from "./till-pay.js";
import * as receipt from "./till-receipt.js";
import * as scan from "./till-scan.js";
import * as sound from "./till-sound.js";
import * as stock from "./till-stock.js";
import { state } from "./till-store.js";

// Emptying asks once more, on the same button.
function startClearing() {
  const button = byId("clear");
  let sure = 0;
  const calm = () => {
    clearTimeout(sure);
    sure = 0;
    button.textContent = say("emptyBasket");
  };
  button.addEventListener("click", () => {
    if (sure) {
      calm();
      basket.empty();
      return;
    }
    button.textContent = say("emptySure");
    sure = setTimeout(calm, 3000);
  });
}

function ready() {
  basket.refresh();
  if (state.pending) {
    show("pending");
    pay.settle();
  } else if (state.receipt) receipt.showReceipt();
  else show("sale");
}

function start() {
  for (const part of [lines, customer, clock, sound, scan, pay, cash, receipt, stock, keys]) part.start();
  startClearing();
  device.start(ready);
}

function yieldToOther() {
  show("sign-in");
  byId("sign-in").replaceChildren(say("secondTab"));
}

// Two windows would work on one basket: the first one has it. A reload finds its own lock for a
// moment still held by the page that is going.
if (navigator.locks) {
  const hold = () => {
    start();
    return new Promise(() => {});
  };
  const waiting = { signal: AbortSignal.timeout(1500) };
  navigator.locks.request("kontor.till", waiting, hold).catch(yieldToOther);
} else start();
