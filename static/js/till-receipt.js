// The receipt: what the endpoint has booked, on the screen and on paper.

import { byId, locale, money, percent, piece, say, show, tell } from "./till-page.js";
import { keep, onChange, state } from "./till-store.js";

const stamp = new Intl.DateTimeFormat(locale, {
  dateStyle: "medium",
  timeStyle: "short",
  timeZone: "Europe/Berlin",
});
let shownAt = 0;

function row(name, amount) {
  const line = document.createElement("p");
  line.className = "receipt__row";
  for (const text of [name, amount]) {
    const cell = document.createElement("span");
    cell.textContent = text;
    line.append(cell);
  }
  return line;
}

function goods(line, titles) {
  const entry = piece("receipt-line");
  const [what, sum] = entry.cells;
  what.textContent = titles[line.sku] ?? line.title;
  if (line.quantity > 1) {
    const detail = document.createElement("small");
    detail.textContent = `${line.quantity} × ${money(line.unit_minor)}`;
    what.append(document.createElement("br"), detail);
  }
  for (const one of line.promotions ?? []) {
    const detail = document.createElement("small");
    detail.textContent = `${one.name} ${money(-one.amount_minor)}`;
    what.append(document.createElement("br"), detail);
  }
  sum.textContent = money(line.line_minor);
  return entry;
}

function draw(receipt) {
  byId("receipt-place").textContent = byId("till-name").textContent;
  byId("receipt-number").textContent = receipt.receipt_number;
  byId("receipt-time").textContent = stamp.format(new Date(receipt.booked_at));
  byId("receipt-lines").replaceChildren(...receipt.lines.map((line) => goods(line, receipt.titles)));
  byId("receipt-total").textContent = money(receipt.total_minor);
  const paid = receipt.tenders.map((tender) => row(say(tender.method), money(tender.amount_minor)));
  if (receipt.given !== null) {
    paid.push(row(say("givenCash"), money(receipt.given)));
    paid.push(row(say("change"), money(receipt.given - receipt.total_minor)));
  }
  byId("receipt-tenders").replaceChildren(...paid);
  byId("receipt-vat").replaceChildren(
    ...receipt.vat.map((vat) => row(say("vat", { rate: percent(vat.rate_basis_points) }), money(vat.vat_minor))),
  );
  const points = receipt.customer ? `${receipt.customer.shown} · ${say("earns", { points: receipt.points })}` : "";
  byId("receipt-points").textContent = points;
  const change = receipt.given !== null;
  byId("done-name").textContent = say(change ? "change" : receipt.tenders[0].method);
  byId("done-amount").textContent = money(change ? receipt.given - receipt.total_minor : receipt.total_minor);
  byId("done-detail").textContent = [receipt.receipt_number, points].filter(Boolean).join(" · ");
}

export function showReceipt() {
  draw(state.receipt);
  shownAt = performance.now();
  show("receipt");
  byId("receipt").focus({ preventScroll: true });
}

// A key that bounces from paying must not take the receipt away.
export const settledAWhile = () => performance.now() - shownAt > 700;

export function next() {
  keep({ receipt: null, last: state.receipt ?? state.last });
  tell("");
  show("sale");
}

// The last receipt once more, e.g. to print it for somebody who comes back.
function again() {
  keep({ receipt: state.last });
  showReceipt();
}

export function start() {
  onChange(() => (byId("last").disabled = !state.last));
  byId("last").addEventListener("click", again);
  byId("next").addEventListener("click", next);
  byId("print").addEventListener("click", () => print());
}
