// The receipt from the till's book, on the screen and on paper; signature and points when they come.

import { net } from "./till-api.js";
import * as book from "./till-book.js";
import { device } from "./till-device.js";
import { onPosted } from "./till-outbox.js";
import { byId, locale, money, percent, row, say, show, tell } from "./till-page.js";
import * as printer from "./till-printer.js";
import { fiscalRows, goods, tenderRows } from "./till-receipt-rows.js";
import { keep, onChange, state } from "./till-store.js";

const SIGNATURE_WAIT = 1500;
const stamp = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone: "Europe/Berlin" });
const day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
let shownAt = 0;

const change = ({ tenders }) =>
  tenders.reduce((sum, { given_minor, amount_minor }) => sum + (given_minor ? given_minor - amount_minor : 0), 0);

function codes(receipt) {
  const { fiscal, receipt_url: link } = receipt.answer ?? {};
  byId("done-code").hidden = true;
  for (const [id, text] of [["receipt-qr", fiscal?.qr], ["receipt-link", link], ["done-link", link]]) {
    const image = byId(id);
    image.hidden = !text;
    if (text) image.src = `${byId("till").dataset.qr}?text=${encodeURIComponent(text)}`;
  }
  const drawn = () => (byId("done-code").hidden = state.receipt !== receipt);
  if (link) byId("done-link").decode().then(drawn, () => {});
}

function addressLines() {
  const { company, street, postal_code, city, vat_id, tax_number } = device().retailer ?? {};
  const numbers = [vat_id && `${say("vatId")} ${vat_id}`, tax_number && `${say("taxNumber")} ${tax_number}`];
  return [company, street && `${street}, ${postal_code} ${city}`, ...numbers].filter(Boolean).join("\n");
}

function draw(receipt) {
  const text = (id, words) => (byId(id).textContent = words);
  text("receipt-address", addressLines());
  byId("receipt-uncertified").hidden = Boolean(device().fiscal?.certified);
  text("receipt-place", receipt.place);
  const served = receipt.served_by && say("servedBy", { name: receipt.served_by });
  const collected = receipt.collected && say("collected", { ref: receipt.collected });
  text("receipt-person", [served, collected].filter(Boolean).join(" · "));
  text("receipt-number", receipt.answer?.receipt_number ?? receipt.receipt_number);
  text("receipt-time", stamp.format(new Date(receipt.sold_at)));
  byId("receipt-practice").hidden = !receipt.training;
  const sent = receipt.shipping_minor ? [{ title: say("shipping"), quantity: 1, line_minor: receipt.shipping_minor }] : [];
  byId("receipt-lines").replaceChildren(...[...receipt.lines, ...sent, ...receipt.returns].map(goods));
  text("receipt-total", money(receipt.due_minor));
  byId("receipt-tenders").replaceChildren(...tenderRows(receipt));
  byId("receipt-vat").replaceChildren(
    ...receipt.vat.map((vat) => row(say("vat", { rate: percent(vat.rate_basis_points) }), money(vat.vat_minor))),
  );
  const sending = receipt.answer?.home;
  text("receipt-home", sending ? say("homeOrder", { ref: sending.order_ref, day: day.format(new Date(sending.promised_on)) }) : "");
  byId("receipt-fiscal").replaceChildren(...fiscalRows(receipt));
  codes(receipt);
  const earned = receipt.answer?.points ?? receipt.points;
  const points = receipt.customer ? `${receipt.customer.shown} · ${say("earns", { points: earned })}` : "";
  text("receipt-points", points);
  const back = change(receipt);
  text("done-name", receipt.due_minor < 0 ? say("paidOut") : say(back ? "change" : receipt.tenders[0].method));
  text("done-amount", money(back || Math.abs(receipt.due_minor)));
  const where = say(receipt.state === "waiting" ? (net.up ? "booking" : "waits") : receipt.training ? "practice" : "booked");
  text("done-detail", [receipt.receipt_number, points, where].filter(Boolean).join(" · "));
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
  if (!state.shown) return;
  keep({ last: state.shown, shown: null, receipt: null });
  tell("");
  show("sale");
  dispatchEvent(new Event("till:between"));
}

// The last receipt once more, e.g. to print it for somebody who comes back.
async function again() {
  const receipt = state.last && (await book.receipt(state.last));
  if (!receipt) return;
  keep({ receipt, shown: receipt.sale_id });
  showReceipt();
}

// Paper waits a moment for the signature; without one it says so.
async function toPaper() {
  const until = performance.now() + SIGNATURE_WAIT;
  while (state.receipt?.state === "waiting" && performance.now() < until) {
    await pause(50);
  }
  if (await printer.print(state.receipt?.sale_id)) return;
  const codes = ["receipt-qr", "receipt-link"].map((id) => byId(id).hidden || byId(id).decode());
  await Promise.race([Promise.allSettled(codes), pause(SIGNATURE_WAIT)]);
  print();
}

export function start() {
  onChange(() => (byId("last").disabled = !state.last));
  onPosted(async (entry) => {
    if (entry.id !== state.shown) return;
    keep({ receipt: await book.receipt(entry.id) });
    draw(state.receipt);
  });
  // Whether it is on its way or waits for the net.
  addEventListener("till:net", () => state.shown && state.receipt && draw(state.receipt));
  byId("last").addEventListener("click", again);
  byId("next").addEventListener("click", next);
  byId("print").addEventListener("click", toPaper);
}
