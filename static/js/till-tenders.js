// Paying in parts: cash with change, card, gift card, one after the other until nothing is due.

import { NoAnswer, net, post } from "./till-api.js";
import * as card from "./till-card.js";
import { byId, focusScan, money, row, say } from "./till-page.js";
import { finish, inCash, withQuote } from "./till-pay.js";
import { amountOf } from "./till-sums.js";

// Nobody pays with more than this beyond the sum: it is a slip, or a barcode in the wrong field.
const MOST_CHANGE = 50000;
const NOTES = [500, 1000, 2000, 5000, 10000, 20000];
let quote = null;
let taken = [];

const sum = (tenders) => tenders.reduce((total, tender) => total + tender.amount_minor, 0);
const due = () => quote.due_minor - sum(taken);
const typed = () => amountOf(byId("cash-given").value);

// What people are likely to hand over: the sum rounded up to each note.
function likely(total) {
  const up = NOTES.map((note) => Math.ceil(total / note) * note);
  return [...new Set(up)].filter((each) => each > total).slice(0, 4);
}

const open = () =>
  withQuote((found) => {
    if (found.due_minor <= 0) return;
    quote = found;
    taken = [];
    next();
    byId("cash").showModal();
    byId("cash-given").focus();
  });

function noteButton(amount) {
  const note = document.createElement("button");
  note.type = "button";
  note.className = "btn btn--quiet btn--s num";
  note.textContent = money(amount);
  note.addEventListener("click", () => {
    byId("cash-given").value = (amount / 100).toFixed(2).replace(".", ",");
    draw();
    byId("cash-take").focus();
  });
  return note;
}

function next(message = "") {
  byId("cash-total").textContent = money(due());
  byId("cash-taken").replaceChildren(...taken.map((each) => row(say(each.method), money(each.amount_minor))));
  byId("cash-given").value = "";
  byId("cash-notes").replaceChildren(...likely(due()).map(noteButton));
  byId("cash-card").disabled = byId("cash-gift").disabled = false;
  draw();
  byId("cash-message").textContent = message;
}

function draw() {
  const given = typed();
  const back = (given ?? 0) - sum(inCash(due()).filter(({ method }) => method === "cash"));
  byId("cash-message").textContent = back > MOST_CHANGE ? say("tooMuch") : "";
  byId("cash-change-name").textContent = say(given !== null && back < 0 ? "missing" : "change");
  byId("cash-change").textContent = given === null ? "–" : money(Math.abs(back));
}

async function done() {
  byId("cash").close();
  await withQuote(() => finish(quote, taken));
}

async function pay(tender) {
  if (!tender) return;
  taken.push(tender);
  if (due() > 0) {
    next();
    byId("cash-given").focus();
  } else await done();
}

async function takeCash(event) {
  event.preventDefault();
  const given = typed();
  if (!given) {
    byId("cash-message").textContent = say("noAmount");
    byId("cash-given").select();
    return;
  }
  const rest = inCash(due(), given);
  if (given - rest[0].amount_minor > MOST_CHANGE) return;
  if (given < rest[0].amount_minor) await pay({ method: "cash", amount_minor: given, given_minor: given });
  else {
    taken.push(...rest);
    await done();
  }
}

// What is typed, or all that is due.
const wanted = () => Math.min(typed() || due(), due());

async function takeGiftCard(event) {
  event.preventDefault();
  const code = byId("gift-code").value.trim();
  if (!code || !net.up) return void (byId("gift-message").textContent = say(code ? "giftNeedsNet" : "noGiftCode"));
  try {
    const gift = await post("/gift-cards", { code });
    const amount = Math.min(gift.usable_minor, due());
    if (!amount) return void (byId("gift-message").textContent = say("giftEmpty"));
    byId("gift").close();
    await pay({ method: "gift_card", amount_minor: amount, code, shown: `…${gift.ending}` });
  } catch (error) {
    byId("gift-message").textContent = error instanceof NoAnswer ? say("giftNeedsNet") : error.message;
  }
}

export function start() {
  byId("pay-change").addEventListener("click", open);
  byId("cash-given").addEventListener("input", draw);
  byId("cash-form").addEventListener("submit", takeCash);
  byId("cash-card").addEventListener("click", async () => {
    const tender = await card.charge(wanted());
    card.used();
    await pay(tender);
  });
  byId("cash-gift").addEventListener("click", () => {
    byId("gift-code").value = byId("gift-message").textContent = "";
    byId("gift").showModal();
  });
  byId("gift-form").addEventListener("submit", takeGiftCard);
  // What a card has paid already stays paid: the payment is ended, not forgotten.
  const byCard = () => byId("cash").open && taken.some(({ method }) => method === "card_terminal");
  addEventListener("till:locking", (event) => byCard() && event.preventDefault());
  byId("cash").addEventListener("cancel", (event) => {
    if (!byCard()) return;
    event.preventDefault();
    byId("cash-message").textContent = say("cardHasPaid");
  });
  for (const dialog of document.querySelectorAll("dialog.till__dialog")) dialog.addEventListener("close", focusScan);
}
