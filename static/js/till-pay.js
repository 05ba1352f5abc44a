// Paying: the sale gets its number, is written into the till's book, and only then it is shown.
// The server hears of it from the queue, at once or when there is a net again.

import * as basket from "./till-basket.js";
import * as book from "./till-book.js";
import * as card from "./till-card.js";
import { now } from "./till-clock.js";
import { device, rules } from "./till-device.js";
import { documentOf, receiptOf } from "./till-document.js";
import * as outbox from "./till-outbox.js";
import { byId, say, show, tell, viewIs } from "./till-page.js";
import { showReceipt } from "./till-receipt.js";
import * as sound from "./till-sound.js";
import { keep, newId, state } from "./till-store.js";
import { rounded } from "./till-sums.js";
import { scanned } from "./till-waiting.js";

let paying = false;
// One payment at a time, after the last scan, for a basket that has a price.
export async function withQuote(work) {
  if (paying || !viewIs("sale")) return;
  paying = true;
  try {
    if (!(await scanned()) || basket.isEmpty()) return;
    await work(await basket.priced());
  } catch (error) {
    // What can't be written down is not sold.
    reportError(error);
    tell(say("broken"));
  } finally {
    paying = false;
  }
}

// Cash, as the smallest coin allows it; what is lost or won by that is a tender of its own.
export function inCash(due, given = null) {
  const sum = rounded(due, rules().cash_rounding_minor);
  const cash = { method: "cash", amount_minor: sum, ...(given === null ? {} : { given_minor: given }) };
  return sum === due ? [cash] : [cash, { method: "rounding", amount_minor: due - sum }];
}

export const payExact = () => withQuote((quote) => finish(quote, inCash(quote.due_minor)));

export const payByCard = () =>
  withQuote(async (quote) => {
    if (quote.due_minor < 0) return finish(quote, [{ method: "original", amount_minor: quote.due_minor }]);
    const tender = await card.charge(quote.due_minor);
    return tender && finish(quote, [tender]);
  });

// tenders add up to what is due. Shown as sold only once the disk has it.
export async function finish(quote, tenders) {
  const facts = documentOf(quote, tenders, now().toISOString());
  const made = receiptOf(quote, tenders, facts);
  const receipt = state.training ? await practise(made, facts) : await sell(made, facts);
  keep({ receipt, shown: receipt.sale_id });
  card.used();
  basket.leave();
  tell("");
  sound.paid();
  showReceipt();
  outbox.flush();
}

const sell = (made, facts) => book.append(device().code, made, "/sales", facts);

// Practice has no number of the series and moves nothing; the server keeps it as practice.
async function practise(made, facts) {
  await outbox.send("training", "/sales", { ...facts, training: true }, { id: newId() });
  return { ...made, training: true, receipt_number: say("practice"), state: "training", answer: null };
}

// After a crash: the basket of a sale that is in the book already is not sold again.
export async function settle() {
  const sold = state.sale_id && (await book.receipt(state.sale_id));
  if (sold) {
    basket.leave();
    keep({ shown: sold.sale_id });
  }
  const shown = state.shown && (await book.receipt(state.shown));
  if (shown) {
    keep({ receipt: shown });
    return showReceipt();
  }
  show("sale");
  if (card.begun()) payByCard();
}

export function start() {
  byId("pay-cash").addEventListener("click", payExact);
  byId("pay-card").addEventListener("click", payByCard);
}
