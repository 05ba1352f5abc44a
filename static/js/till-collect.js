// Goods go to who fetches them: for the code of the message, or for a name that somebody has looked
// at. Where the goods ask for an age, that is confirmed before; signed for on the glass. What is not
// paid yet becomes the basket, at the prices of the order, and goes with its receipt.

import { pad } from "./signing.js";
import { NoAnswer, inPath, post } from "./till-api.js";
import { latestBirthday } from "./till-age.js";
import * as basket from "./till-basket.js";
import { customerNumber } from "./till-codes.js";
import { takeCustomer } from "./till-customer.js";
import * as index from "./till-index.js";
import { byId, focusScan, money, piece, say, tell } from "./till-page.js";
import * as sound from "./till-sound.js";
import { onChange, state } from "./till-store.js";

let found = null;
let signature = null;

function draw() {
  byId("collect-title").textContent = found.code;
  byId("collect-customer").textContent = found.customer_name;
  byId("collect-place").hidden = !found.shelf_place;
  byId("collect-place").textContent = say("liesAt", { place: found.shelf_place ?? "" });
  byId("collect-lines").replaceChildren(
    ...found.lines.map((line) => {
      const entry = piece("receipt-line");
      entry.cells[0].textContent = line.title;
      entry.cells[1].textContent = `${line.quantity} ×`;
      return entry;
    }),
  );
  byId("collect-to-pay").hidden = found.paid;
  byId("collect-amount").textContent = money(found.to_pay_minor);
  byId("collect-done").firstChild.textContent = say(found.paid ? "collectGive" : "collectPay");
  byId("collect-age").hidden = !found.age_min;
  byId("collect-age-text").textContent = say("collectAge", {
    age: found.age_min,
    day: latestBirthday(found.age_min),
  });
}

export function open(collection) {
  found = collection;
  byId("collect-form").reset();
  byId("collect-without").open = false;
  byId("collect-message").textContent = "";
  signature.clear();
  draw();
  sound.taken();
  byId("collect").showModal();
  byId("collect-code").focus();
  return true;
}

// What is missing, before anybody is asked.
function missing(given) {
  if (!given.code && !given.identity) return "collectCode";
  if (given.identity && !given.code && !given.taken_by) return "collectWho";
  return found.age_min && !given.of_age ? "collectAgeFirst" : null;
}

async function handOver(event) {
  event.preventDefault();
  const given = {
    code: byId("collect-code").value.trim(),
    identity: byId("collect-identity").checked,
    taken_by: byId("collect-taken-by").value.trim(),
    signature: signature.path() || null,
    of_age: byId("collect-of-age").checked,
  };
  const lacking = missing(given);
  if (lacking) return refuse(say(lacking));
  byId("collect-done").disabled = true;
  try {
    if (found.paid) await give(given);
    else await sell(given);
  } catch (error) {
    refuse(error instanceof NoAnswer ? say("offline") : error.message);
  } finally {
    byId("collect-done").disabled = false;
  }
}

async function give(given) {
  await post(`/collections/${inPath(found.code)}/hand-over`, { ...given, cashier: state.person });
  byId("collect").close();
  sound.paid();
  tell(say("handedOver", { ref: found.code }), "ok");
}

// Asked before anybody pays; what is paid then is one document with the hand-over.
async function sell(given) {
  if (state.training) return refuse(say("collectNoPractice"));
  const order = await post(`/collections/${inPath(found.code)}/proof`, given);
  byId("collect").close();
  const number = order.customer_number && customerNumber(order.customer_number);
  if (number) await takeCustomer(number);
  basket.extend({ lines: order.lines.map((line) => agreed(line, given)), from: { collection: { ref: order.code, ...given } } });
  sound.taken();
  focusScan();
}

// The order is paid as it stands: nothing of it is changed, and nothing is offered beside it.
function drawBasket() {
  const ref = state.from?.collection?.ref;
  byId("collecting").hidden = !ref;
  byId("collecting").textContent = ref ? say("collectNow", { ref }) : "";
  byId("sale").toggleAttribute("data-agreed", Boolean(ref));
}

function agreed({ sku, title, quantity, unit_minor, line_minor, promotions, vat_basis_points }, { of_age }) {
  const { picture = null, age_min = 0 } = index.bySku(sku) ?? {};
  const checked = age_min ? { age_checked: of_age } : {};
  const line = { key: sku, sku, title, quantity, unit_minor, picture, age_min, label_minor: null, lot: null, ...checked };
  return { ...line, agreed: { line_minor, promotions, vat_basis_points } };
}

function refuse(text) {
  sound.unknown();
  byId("collect-message").textContent = text;
}

export function start() {
  onChange(drawBasket);
  signature = pad(byId("collect-sign"));
  byId("collect-form").addEventListener("submit", handOver);
  byId("collect-sign-clear").addEventListener("click", signature.clear);
}
