// What may come back while nobody answers: of this till's own receipts by its book, of any other by
// what lies on the counter. The server compares later, and what does not fit becomes a task.

import * as book from "./till-book.js";
import { gtin14, isGtin } from "./till-codes.js";
import * as index from "./till-index.js";

const MOST = 99;

// As the books count: all of the line less what the units that stay are worth.
function worth(line, units) {
  const off = line.quantity * line.unit_minor - line.line_minor;
  const kept = line.quantity - units;
  return line.line_minor - (line.unit_minor * kept - Math.floor((off * kept) / line.quantity));
}

// The receipt as the server would tell it; `blind` where this till does not have it.
export async function known(code) {
  const all = await book.receipts();
  const number = code.trim().toLowerCase();
  const own = all.find((each) => each.receipt_number === number && !each.training && !each.voids);
  if (!own) return { order_ref: code.trim().slice(0, 64), lines: [], tenders: [{ method: "cash" }], voidable: false, blind: true };
  const gone = (place) =>
    all
      .flatMap(({ returns = [] }) => returns)
      .filter((back) => back.order_ref === own.receipt_number && back.line_id === place)
      .reduce((sum, { quantity }) => sum + quantity, 0);
  const lines = own.lines.map((line, at) => {
    const place = String(at + 1);
    const returnable = Math.max(0, line.quantity - gone(place));
    const refund_minor = Array.from({ length: returnable }, (_, units) => worth(line, units + 1));
    return { ...line, line_id: place, returnable, refund_minor };
  });
  const tenders = own.tenders.map(({ method }) => ({ method: method === "rounding" ? "cash" : method }));
  return { order_ref: own.receipt_number, receipt_number: own.receipt_number, lines, tenders, voidable: false };
}

// An article by what a scanner reads; its price is today's.
export function line(text, place) {
  const code = text.trim();
  const item = (isGtin(code) && index.byGtin(gtin14(code))) || index.bySkuTyped(code);
  if (!item) return null;
  const { sku, title, unit_minor, vat_basis_points } = item;
  const refund_minor = Array.from({ length: MOST }, (_, units) => (units + 1) * unit_minor);
  return { line_id: String(place), sku, title, unit_minor, vat_basis_points, line_minor: unit_minor, returnable: MOST, refund_minor };
}
