// A discount by hand: on a line, with a reason, and by somebody who may. Beyond the right of who
// serves, another person says yes with the own PIN.

import * as basket from "./till-basket.js";
import { books } from "./till-catalog.js";
import { rules } from "./till-device.js";
import { byId, money, say } from "./till-page.js";
import * as people from "./till-people.js";
import { state } from "./till-store.js";
import { amountOf, share } from "./till-sums.js";

let line = null;
let whole = 0;

function open() {
  line = state.lines.find(({ key }) => key === state.selected) ?? state.lines.at(-1);
  const priced = state.quote?.lines[state.lines.indexOf(line)];
  if (!priced) return;
  whole = priced.line_minor + priced.own_discount_minor;
  byId("discount-title").textContent = line.title;
  byId("discount-reason").replaceChildren(
    ...books.discount_reasons.map(({ code, name }) => new Option(name, code)),
  );
  byId("discount-amount").value = byId("discount-pin").value = byId("discount-message").textContent = "";
  byId("discount-approval").hidden = true;
  draw();
  byId("discount").showModal();
  byId("discount-amount").focus();
}

// "10 %" is a share of the line, "2,50" an amount; null for anything else or more than the line.
function given() {
  const text = byId("discount-amount").value.trim();
  const percent = /^(\d{1,3})(?:[.,](\d))?\s*%$/.exec(text);
  const amount = percent ? share(whole, percent[1] * 100 + (percent[2] ?? 0) * 10) : amountOf(text);
  return amount !== null && amount > 0 && amount <= whole ? amount : null;
}

const isBig = (amount) => amount > share(whole, rules().small_discount_basis_points);

function draw() {
  const amount = given();
  byId("discount-after").textContent = amount === null ? "–" : money(whole - amount);
  const needed = amount !== null && !people.may(isBig(amount) ? "big_discount" : "discount");
  byId("discount-approval").hidden = !needed;
}

async function give(event) {
  event.preventDefault();
  const amount = given();
  if (amount === null) {
    byId("discount-message").textContent = say("noDiscount");
    return;
  }
  const right = isBig(amount) ? "big_discount" : "discount";
  let approved = state.person;
  if (!people.may(right)) {
    const person = await people.byPin(byId("discount-pin").value);
    if (!person?.rights.includes(right)) {
      byId("discount-message").textContent = say("needsApproval");
      byId("discount-pin").focus();
      return;
    }
    approved = person.code;
  }
  basket.discount(line.key, { amount_minor: amount, reason: byId("discount-reason").value, approved_by: approved });
  byId("discount").close();
}

function take() {
  basket.discount(line.key, null);
  byId("discount").close();
}

export function start() {
  byId("discount-open").addEventListener("click", open);
  byId("discount-amount").addEventListener("input", draw);
  byId("discount-form").addEventListener("submit", give);
  byId("discount-none").addEventListener("click", take);
}
