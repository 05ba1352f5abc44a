// Paying: the sale gets its id here, is written down, and is posted until an answer comes.

import { Refusal, post } from "./till-api.js";
import * as basket from "./till-basket.js";
import { byId, money, say, show, tell, viewIs } from "./till-page.js";
import { now } from "./till-clock.js";
import { showReceipt } from "./till-receipt.js";
import { scanned } from "./till-scan.js";
import * as sound from "./till-sound.js";
import { keep, state } from "./till-store.js";

const LONGEST_PAUSE = 15000;
// Below this nobody notices the wait, and the page does not change for it.
const NOTICED = 500;
let paying = false;
let settling = Promise.resolve();
let wake = () => {};

export const settled = () => settling;

// Safe contexts have randomUUID; a till on plain HTTP in the shop's own network has not.
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const payExact = () => pay("cash");
export const payByCard = () => pay("card_terminal");

// `given`: what the customer hands over, minor units; null where it is exact.
export async function pay(method, given = null) {
  if (paying || state.pending || !viewIs("sale")) return;
  paying = true;
  try {
    if (!(await scanned()) || !state.lines.length) return;
    const quote = await basket.priced();
    if (!quote) {
      tell(byId("till-message").textContent || say("noPrice"));
      return;
    }
    if (given !== null && given < quote.total_minor) {
      tell(say("noAmount"));
      return;
    }
    keep({ pending: { sale: saleOf(quote, method), given } });
    await settle();
  } catch (error) {
    // E.g. a browser that keeps nothing: what can't be written down is not sold.
    reportError(error);
    tell(say("broken"));
  } finally {
    paying = false;
  }
}

function saleLine({ sku, quantity, unit_minor, promotions }) {
  const given = promotions.map(({ ref, amount_minor }) => ({ ref, amount_minor }));
  return { sku, quantity, unit_minor, promotions: given };
}

function saleOf(quote, method) {
  return {
    sale_id: newId(),
    lines: quote.lines.map(saleLine),
    tenders: [{ method, amount_minor: quote.total_minor }],
    customer_number: quote.customer?.number ?? null,
    promotion_code: quote.promotion_code,
    sold_at: now().toISOString(),
  };
}

export function settle() {
  settling = postUntilAnswered();
  return settling;
}

async function postUntilAnswered() {
  const notice = setTimeout(() => wait("waiting"), NOTICED);
  for (let attempt = 0; state.pending; attempt += 1) {
    try {
      booked(await post("/sales", state.pending.sale));
    } catch (error) {
      if (error instanceof Refusal) {
        refused(error);
        break;
      }
      wait("repeating");
      await pause(Math.min(1000 * 2 ** attempt, LONGEST_PAUSE));
    }
  }
  clearTimeout(notice);
}

function wait(reason) {
  if (!state.pending) return;
  const due = state.pending.sale.tenders.reduce((sum, tender) => sum + tender.amount_minor, 0);
  byId("pending-total").textContent = money(due);
  byId("pending-text").textContent = say(reason);
  show("pending");
}

const pause = (milliseconds) =>
  new Promise((resolve) => {
    wake = resolve;
    setTimeout(resolve, milliseconds);
  });

function booked(receipt) {
  const { given } = state.pending;
  const titles = Object.fromEntries((state.quote?.lines ?? []).map((line) => [line.sku, line.title]));
  keep({ receipt: { ...receipt, given, titles, customer: state.customer } });
  basket.empty();
  keep({ pending: null });
  tell("");
  sound.paid();
  showReceipt();
}

function refused(refusal) {
  // Whether an earlier attempt arrived is not known until this till may ask again.
  if (refusal.status === 401) return;
  keep({ pending: null });
  show("sale");
  sound.unknown();
  tell(say("refused", { why: refusal.message }));
}

export function start() {
  byId("pay-cash").addEventListener("click", payExact);
  byId("pay-card").addEventListener("click", payByCard);
  byId("retry").addEventListener("click", () => wake());
  addEventListener("online", () => wake());
}
