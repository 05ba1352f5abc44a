// The customer: by number in the own field, or by the card in the scan field. Who was here before is
// known without net; of anybody else the number is kept, and the points come with the receipt.

import { NoAnswer, Refusal, get, inPath, net } from "./till-api.js";
import * as basket from "./till-basket.js";
import { customerNumber } from "./till-codes.js";
import * as db from "./till-db.js";
import { byId, focusScan, say, tell } from "./till-page.js";
import * as sound from "./till-sound.js";
import { onChange, state } from "./till-store.js";

const PATIENCE = 2500;

const shown = (number) => `${number[0]} ${number.slice(1, 4)} ${number.slice(4)}`;

async function lookUp(number) {
  try {
    if (!net.up) throw new NoAnswer(false);
    const customer = await get(`/customers/${inPath(number)}`, PATIENCE);
    await db.put("customers", customer);
    return customer;
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    const before = await db.get("customers", number);
    return before ?? { number, shown: shown(number), name: null, price_group: "standard", price_group_name: "", points: null };
  }
}

// Returns whether the sale has this customer now.
export async function takeCustomer(number) {
  try {
    const customer = await lookUp(number);
    basket.setCustomer(customer);
    sound.taken();
    tell(customer.name ? "" : say("customerLater"), "ok");
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    sound.unknown();
    tell(say(error.code === "customer" ? "noCustomer" : "wrongCustomer"));
    return false;
  }
}

function draw() {
  const { customer, quote } = state;
  byId("customer-form").hidden = Boolean(customer);
  byId("customer").hidden = !customer;
  if (!customer) return;
  byId("customer-name").textContent = customer.name ?? customer.shown;
  const points = customer.points === null ? [] : [say("points", { points: customer.points })];
  if (state.lines.length && quote?.points) points.push(say("earnsNow", { points: quote.points }));
  const who = [customer.name && customer.shown, customer.price_group_name].filter(Boolean);
  byId("customer-detail").textContent = [who, points].map((facts) => facts.join(" · ")).join("\n");
}

export function start() {
  onChange(draw);
  const field = byId("customer-number");
  byId("customer-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const typed = field.value.trim();
    if (!typed) return focusScan();
    const number = customerNumber(typed);
    if (!number) tell(say("wrongCustomer"));
    if (!number || !(await takeCustomer(number))) return field.select();
    field.value = "";
    focusScan();
  });
  byId("customer-off").addEventListener("click", () => basket.setCustomer(null));
}
