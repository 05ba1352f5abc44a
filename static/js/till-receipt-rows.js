// The rows of a receipt: goods, what they were paid with, and what the law wants to read.

import { device } from "./till-device.js";
import { locale, money, piece, row, say } from "./till-page.js";

const second = new Intl.DateTimeFormat(locale, { dateStyle: "short", timeStyle: "medium", timeZone: "Europe/Berlin" });

function small(text) {
  const detail = document.createElement("small");
  detail.textContent = text;
  return [document.createElement("br"), detail];
}

export function goods(line) {
  const entry = piece("receipt-line");
  const [what, sum] = entry.cells;
  what.textContent = line.title;
  if (line.quantity > 1) what.append(...small(`${line.quantity} × ${money(line.unit_minor)}`));
  for (const one of line.promotions ?? []) what.append(...small(`${one.name} ${money(-one.amount_minor)}`));
  if (line.own_discount_minor) what.append(...small(`${say("discount")} ${money(-line.own_discount_minor)}`));
  if (line.home) what.append(...small(say("home")));
  if (line.order_ref) what.append(...small(say("cameBack", { ref: line.order_ref })));
  sum.textContent = money(line.line_minor);
  return entry;
}

export function tenderRows({ tenders }) {
  const rows = [];
  for (const tender of tenders) {
    const name = [say(tender.method), tender.shown].filter(Boolean).join(" ");
    rows.push(row(name, money(tender.amount_minor)));
    if (tender.given_minor && tender.given_minor !== tender.amount_minor) {
      rows.push(row(say("givenCash"), money(tender.given_minor)));
      rows.push(row(say("change"), money(tender.given_minor - tender.amount_minor)));
    }
  }
  return rows;
}

export function fiscalRows(receipt) {
  const rows = [row(say("began"), second.format(new Date(receipt.started_at))), row(say("ended"), second.format(new Date(receipt.sold_at)))];
  const { fiscal } = receipt.answer ?? {};
  const serial = device().fiscal?.serial;
  if (serial) rows.push(row(say("serial"), serial));
  // Nobody has signed it yet, and the customer's paper says so (AEAO § 146a, 7.1).
  if (!fiscal) return receipt.offline ? [...rows, row(say("outage"), say("noNet"))] : rows;
  if (fiscal.signed) {
    rows.push(row(say("transaction"), `${fiscal.transaction_number} · ${fiscal.signature_counter}`));
    rows.push(row(say("checkValue"), fiscal.signature));
  } else rows.push(row(say("outage"), fiscal.outage ?? ""));
  return rows;
}
