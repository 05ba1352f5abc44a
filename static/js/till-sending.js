// From the counter into the customer's hand: an offer by mail, the basket on the phone as a QR code,
// the receipt by mail. All of it needs the network; the basket here stays as it is.

import { NoAnswer, get, inPath, net, post } from "./till-api.js";
import * as basket from "./till-basket.js";
import { byId, locale, money, piece, say, tell } from "./till-page.js";
import { newId, onChange, state } from "./till-store.js";

const PATIENCE = 8000;
const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", timeZone: "Europe/Berlin" });
const why = (error) => (error instanceof NoAnswer ? say("sendNeedsNet") : error.message);
const mailable = (text) => /^\S+@\S+\.\S+$/.test(text);
let offer = null;

const wanted = () => ({
  lines: state.lines.map(({ sku, quantity, discount }) => ({ sku, quantity, discount: discount ?? null })),
  customer_number: state.customer?.number ?? null,
  promotion_code: state.code,
});

// Whether there are goods and a network to send something of them.
function fit() {
  if (!net.up) tell(say("sendNeedsNet"));
  else if (!state.lines.length) tell(say("sendNothing"));
  return net.up && state.lines.length > 0;
}

function openOffer() {
  if (!fit()) return;
  offer = newId();
  byId("offer-name").value ||= state.customer?.name ?? "";
  byId("offer-total").textContent = money(state.quote?.total_minor);
  byId("offer-message").textContent = "";
  byId("offer").showModal();
  byId("offer-name").focus();
}

async function makeOffer(event) {
  event.preventDefault();
  const [name, email, note] = ["name", "email", "note"].map((field) => byId(`offer-${field}`).value.trim());
  if (name.length < 2 || !mailable(email)) return (byId("offer-message").textContent = say("offerWho"));
  const { lines, ...who } = wanted();
  const terms = { days: Number(byId("offer-days").value), hold: byId("offer-hold").checked };
  const postal_code = /^\d{5}$/.test(byId("offer-code").value) ? byId("offer-code").value : "";
  const document = { ...who, lines, ...terms, offer_id: offer, name, email, note, cashier: state.person };
  try {
    const made = await post("/offers", { ...document, address: { postal_code } }, PATIENCE);
    byId("offer").close();
    byId("offer-form").reset();
    basket.empty();
    tell(say("offerMade", { ref: made.ref, day: day.format(new Date(made.valid_until_at)) }), "ok");
  } catch (error) {
    byId("offer-message").textContent = why(error);
  }
}

async function list() {
  if (!net.up) return tell(say("sendNeedsNet"));
  try {
    const { offers, credited } = await get("/offers");
    byId("offers-none").hidden = offers.length > 0;
    const renewed = new Map(offers.map(({ renews, ref }) => [renews, ref]));
    byId("offers-list").replaceChildren(...offers.map((one) => drawn(one, renewed.get(one.ref))));
    const sums = credited.map((one) => say("offerCredit", { ...one, sum: money(one.goods_minor) }));
    byId("offers-credit").textContent = sums.join(" · ");
    if (!byId("offers-made").open) byId("offers-made").showModal();
  } catch (error) {
    tell(why(error));
  }
}

// An offer that is over is quoted again with one press, once.
function drawn(one, renewed) {
  const entry = piece("parked");
  const until = day.format(new Date(one.valid_until_at));
  entry.querySelector(".till__name").textContent = `${one.ref} · ${one.name}`;
  const how = renewed ? say("offerRenewed", { ref: renewed }) : say(`offer_${one.state}`, { day: until, ref: one.order_ref ?? "" });
  entry.querySelector(".till__detail").textContent = [how, one.adviser].filter(Boolean).join(" · ");
  entry.querySelector(".num").textContent = money(one.total_minor);
  const button = entry.querySelector("button");
  button.disabled = one.state !== "expired" || Boolean(renewed);
  button.addEventListener("click", async () => {
    try {
      await post(`/offers/${inPath(one.ref)}/renewal`, {});
      await list();
    } catch (error) {
      byId("offers-credit").textContent = why(error);
    }
  });
  return entry;
}

async function toPhone() {
  if (!fit()) return;
  try {
    const { lines, ...who } = wanted();
    const { url } = await post("/phone-baskets", { ...who, lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) });
    byId("phone-code").src = `${byId("till").dataset.qr}?text=${encodeURIComponent(url)}`;
    byId("phone").showModal();
  } catch (error) {
    tell(why(error));
  }
}

function openMail() {
  byId("receipt-mail-message").textContent = "";
  byId("receipt-mail").showModal();
  byId("receipt-mail-address").focus();
}

async function mailReceipt(event) {
  event.preventDefault();
  const email = byId("receipt-mail-address").value.trim();
  if (!mailable(email)) return (byId("receipt-mail-message").textContent = say("mailWho"));
  try {
    await post("/receipt-mails", { sale_id: state.receipt.sale_id, email });
    byId("receipt-mail").close();
    byId("receipt-mail-form").reset();
    byId("done-detail").textContent = say("mailed", { email });
  } catch (error) {
    // Not booked yet: the receipt waits in the queue.
    const waits = error.code === "sale" ? say("mailLater") : why(error);
    byId("receipt-mail-message").textContent = waits;
  }
}

export function start() {
  byId("offer-open").addEventListener("click", openOffer);
  byId("offer-form").addEventListener("submit", makeOffer);
  byId("offers-open").addEventListener("click", list);
  byId("phone-open").addEventListener("click", toPhone);
  byId("mail").addEventListener("click", openMail);
  byId("receipt-mail-form").addEventListener("submit", mailReceipt);
  onChange(() => (byId("mail").hidden = !!state.receipt?.training));
}
