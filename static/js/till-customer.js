// The customer: by number in the own field, or by the card in the scan field.

import { NoAnswer, get } from "./till-api.js";
import * as basket from "./till-basket.js";
import { byId, focusScan, say, tell } from "./till-page.js";
import * as sound from "./till-sound.js";
import { onChange, state } from "./till-store.js";

// Seven digits whose last one is the GS1 check digit (weights 3 and 1 from the right).
export function isNumber(text) {
  const digits = text.replace(/[ .\-/]/g, "");
  if (!/^\d{7}$/.test(digits)) return false;
  const sum = [...digits].reverse().reduce((total, digit, place) => total + digit * (place % 2 ? 3 : 1), 0);
  return sum % 10 === 0;
}

// Returns whether there is such a customer; with `orElse` an unknown one is no error.
export async function takeCustomer(number, { orElse = false } = {}) {
  try {
    const customer = await get(`/customers/${encodeURIComponent(number)}`);
    await basket.setCustomer(customer);
    sound.taken();
    tell("");
    return true;
  } catch (error) {
    if (orElse && error.code === "customer") return false;
    if (orElse) throw error;
    sound.unknown();
    if (error instanceof NoAnswer) tell(say("offline"));
    else tell(say(error.code === "customer" ? "noCustomer" : "wrongCustomer"));
    return false;
  }
}

function draw() {
  const { customer, quote } = state;
  byId("customer-form").hidden = Boolean(customer);
  byId("customer").hidden = !customer;
  if (!customer) return;
  byId("customer-name").textContent = customer.name;
  const points = [say("points", { points: customer.points })];
  if (state.lines.length && quote?.points) points.push(say("earnsNow", { points: quote.points }));
  const who = [customer.shown, customer.price_group_name];
  byId("customer-detail").textContent = [who, points].map((facts) => facts.join(" · ")).join("\n");
}

export function start() {
  onChange(draw);
  const field = byId("customer-number");
  byId("customer-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const number = field.value.trim();
    if (number && !(await takeCustomer(number))) {
      field.select();
      return;
    }
    field.value = "";
    focusScan();
  });
  byId("customer-off").addEventListener("click", () => basket.setCustomer(null));
}
