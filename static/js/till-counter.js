// One counter for all channels: what lies ready to be fetched, what was put aside, a web basket that
// its customer shows, and whatever comes back. One code, and the server says what it stands for.

import * as age from "./till-age.js";
import { NoAnswer, Refusal, get, inPath, net } from "./till-api.js";
import * as basket from "./till-basket.js";
import { customerNumber } from "./till-codes.js";
import * as collect from "./till-collect.js";
import { takeCustomer } from "./till-customer.js";
import * as index from "./till-index.js";
import { say, tell } from "./till-page.js";
import * as returns from "./till-returns.js";
import * as sound from "./till-sound.js";

// A number of any till, the page behind a receipt's QR code, or its signature.
const OWN_RECEIPT = /^([a-z][a-z0-9]*-\d+-\d{6}$|RS-[0-9A-Z]{6}$|V0;|https?:\/\/\S+\/bons\/)/i;

const unlessMissing = (error) => {
  if (error instanceof Refusal && error.status === 404) return null;
  throw error;
};

function refuse(text) {
  sound.unknown();
  tell(text);
  return false;
}

// An order or a receipt: is it to be fetched here, or does something of it come back?
export async function open(code) {
  if (OWN_RECEIPT.test(code)) return returns.open(code);
  let found = null;
  try {
    found = await get(`/collections?code=${inPath(code)}`).catch(unlessMissing);
  } catch (error) {
    if (error instanceof NoAnswer) return returns.open(code);
    return refuse(error.message);
  }
  if (!found || found.state === "handed_over") return returns.open(code);
  if (found.state === "held") return take(found.lines, { ...found, hold_ref: found.code });
  if (found.state !== "ready") return refuse(say(`collect_${found.state}`, { place: found.location_name }));
  if (!found.paid && !basket.isEmpty()) return refuse(say("emptyFirst"));
  return collect.open(found);
}

// What a customer has chosen already: into the basket, with the number and the code that came along.
async function take(lines, { customer_number, promotion_code, hold_ref = null, basket_code = null }) {
  if (!basket.isEmpty()) return refuse(say("emptyFirst"));
  const left = [];
  for (const line of lines) {
    const item = index.bySku(line.sku);
    if (!item) continue;
    if (item.age_min && !(await age.asked(item))) left.push(item.title);
    else basket.add(item, line.quantity);
  }
  if (basket.isEmpty()) return refuse(left.length ? say("tooYoung", { title: left.join(", ") }) : say("collect_not_ready"));
  const number = customer_number && customerNumber(customer_number);
  if (number) await takeCustomer(number);
  basket.extend({ code: promotion_code ?? null, from: { hold_ref, basket_code } });
  if (left.length) return refuse(say("tooYoung", { title: left.join(", ") }));
  sound.taken();
  return true;
}

// The code that a customer shows under the web basket. Returns null where it is none.
export async function openBasket(code) {
  if (!net.up || !/^[A-Z]-[0-9A-Z]{6}$/i.test(code)) return null;
  const shown = await get(`/baskets/${inPath(code.toUpperCase())}`).catch(unlessMissing);
  return shown && take(shown.lines, { ...shown, basket_code: shown.code });
}
