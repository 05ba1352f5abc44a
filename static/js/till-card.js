// A card: on the reader that the server drives, or on a terminal of its own that a person asks.
// While nobody knows how a payment ended, no second one begins.

import { NoAnswer, Refusal, get, inPath, net, post, remove } from "./till-api.js";
import { device } from "./till-device.js";
import { byId, money, say } from "./till-page.js";
import { keep, newId, state } from "./till-store.js";

const PAUSE = 700;
const OVER = new Set(["declined", "cancelled", "timed_out"]);
let settle = null;

const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE));
const hasReader = () => device().card_reader && net.up && !state.training;

// Returns the tender, or null where nothing was paid. The payment is known until it is `used`: a till
// that was reloaded meanwhile asks for the same one again.
export async function charge(amount) {
  byId("card-total").textContent = money(amount);
  byId("card-demo")?.toggleAttribute("hidden", !hasReader());
  const dialog = byId("card");
  const chosen = new Promise((resolve) => (settle = resolve));
  try {
    dialog.showModal();
    return await (hasReader() ? byReader(amount, chosen) : byHand(amount, chosen));
  } finally {
    settle = null;
    dialog.close();
  }
}

function draw(text, { yes = null, no = say("back") } = {}) {
  byId("card-text").textContent = text;
  byId("card-yes").hidden = !yes;
  if (yes) byId("card-yes").firstChild.textContent = yes;
  byId("card-no").firstChild.textContent = no;
  (yes ? byId("card-yes") : byId("card-no")).focus();
}

async function byHand(amount, chosen) {
  draw(say("cardByHand"), { yes: say("cardPaid") });
  return (await chosen) ? { method: "card_terminal", amount_minor: amount } : null;
}

async function byReader(amount, first) {
  let chosen = first;
  for (;;) {
    const begun = state.card?.sale_id === state.sale_id && state.card?.amount_minor === amount;
    const payment = begun ? state.card : { card_payment_id: newId(), amount_minor: amount, sale_id: state.sale_id };
    keep({ card: payment });
    const outcome = await follow(payment, chosen);
    const { card_payment_id } = payment;
    if (outcome.state === "succeeded") return { method: "card_terminal", amount_minor: amount, card_payment_id };
    keep({ card: null });
    if (outcome.state === "cancelled" && outcome.wished) return null;
    draw(say(`card_${outcome.state}`), { yes: say("cardAgain") });
    chosen = new Promise((resolve) => (settle = resolve));
    if (!(await chosen)) return null;
    chosen = new Promise((resolve) => (settle = resolve));
  }
}

// Ask until it is over; "no" asks the reader to stop, and the reader has the last word.
async function follow({ card_payment_id, amount_minor }, chosen) {
  let wished = false;
  chosen.then((yes) => (wished = !yes));
  draw(say("card_waiting"), { no: say("cancel") });
  let sent = false;
  let stopped = false;
  for (;;) {
    try {
      const path = `/card-payments/${inPath(card_payment_id)}`;
      const stop = sent && wished && !stopped;
      const begin = () => post("/card-payments", { card_payment_id, amount_minor });
      const asked = await (stop ? remove(path) : sent ? get(path) : begin());
      sent = true;
      stopped ||= stop;
      if (asked.state === "succeeded" || OVER.has(asked.state)) return { ...asked, wished };
    } catch (error) {
      if (error instanceof Refusal) return { state: "declined", wished };
      if (!(error instanceof NoAnswer)) throw error;
      draw(say("card_unknown"), { no: say("cancel") });
    }
    await pause();
  }
}

export const used = () => keep({ card: null });

// A payment that was begun before the page was left.
export const begun = () => Boolean(state.card) && state.card.sale_id === state.sale_id;

export function start() {
  addEventListener("till:locking", (event) => settle && event.preventDefault());
  byId("card-yes").addEventListener("click", () => settle?.(true));
  byId("card-no").addEventListener("click", () => settle?.(false));
  byId("card").addEventListener("cancel", (event) => {
    event.preventDefault();
    settle?.(false);
  });
}
