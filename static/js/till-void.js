// A whole receipt is taken back: goods to the shelf, money to where it came from, with a number of its
// own. Only while nothing of it has come back, and by somebody who may.

import { net } from "./till-api.js";
import * as book from "./till-book.js";
import { now } from "./till-clock.js";
import { device } from "./till-device.js";
import * as outbox from "./till-outbox.js";
import { byId } from "./till-page.js";
import * as people from "./till-people.js";
import { showReceipt } from "./till-receipt.js";
import * as session from "./till-session.js";
import { keep, newId, state } from "./till-store.js";
import { vatOf } from "./till-sums.js";

export const allowed = (found) => Boolean(found.voidable && found.sale_id) && people.may("void");

// Each means of payment gets back what it has paid; a card that a person asked at a terminal, there.
function mirrored({ method, amount_minor, card_payment_id }) {
  const back = method === "cash" || method === "rounding" || (method === "card_terminal" && !card_payment_id) ? method : "original";
  return { method: back, amount_minor: -amount_minor };
}

function goodsBack(found) {
  return found.lines.map((line) => ({
    sku: line.sku,
    title: line.title,
    quantity: line.quantity,
    unit_minor: line.unit_minor,
    vat_basis_points: line.vat_basis_points,
    amount_minor: line.line_minor,
    line_minor: -line.line_minor,
    order_ref: found.receipt_number,
  }));
}

// found: what the server says of the receipt. The reason is one of those for returns.
export async function take(found, reason) {
  const own = await book.receipt(found.sale_id);
  const paid = own?.tenders ?? found.tenders.map((each) => ({ ...each, amount_minor: each.refundable_minor }));
  const returns = goodsBack(found);
  const whole = returns.reduce((sum, line) => sum + line.amount_minor, 0);
  const at = now().toISOString();
  const body = { sale_id: newId(), voids: found.sale_id, reason, started_at: at, sold_at: at, offline: !net.up };
  if (session.current()) body.session_id = session.current().session_id;
  if (state.person) body.cashier = state.person;
  const receipt = await book.append(
    device().code,
    {
      sale_id: body.sale_id,
      session_id: body.session_id ?? null,
      place: byId("till-name").textContent,
      served_by: people.nameOf(state.person),
      started_at: at,
      sold_at: at,
      offline: body.offline,
      lines: [],
      returns,
      tenders: paid.map(mirrored),
      vat: vatOf(returns),
      customer: null,
      ...{ list_minor: 0, total_minor: 0, refund_minor: whole, due_minor: -whole, points: 0, shipping_minor: 0 },
    },
    "/voids",
    body,
  );
  keep({ receipt, shown: receipt.sale_id });
  showReceipt();
  outbox.flush();
}
