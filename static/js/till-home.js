// Take now, send home: a line that is not here goes to the customer from where it lies. One basket,
// one payment, one receipt; the server plans it as any web order.

import { NoAnswer, net, post } from "./till-api.js";
import * as basket from "./till-basket.js";
import { byId, locale, money, say, tell } from "./till-page.js";
import { state } from "./till-store.js";

const FIELDS = ["name", "street", "postal_code", "city", "email"];
const day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
let key = null;
let planned = null;

const typed = () => Object.fromEntries(FIELDS.map((name) => [name, byId(`home-${name}`).value.trim()]));
const lines = () => state.lines.map((line) => (line.key === key ? { ...line, home: true } : line));

export function open(line) {
  if (!net.up) return tell(say("homeNeedsNet"));
  key = line.key;
  planned = null;
  const known = state.send ?? { name: state.customer?.name ?? "" };
  for (const name of FIELDS) byId(`home-${name}`).value = known[name] ?? "";
  byId("home-title").textContent = line.title;
  byId("home-plan").textContent = byId("home-message").textContent = "";
  byId("home").showModal();
  byId("home-name").focus();
  return plan();
}

// What it costs and when it comes, as soon as it is known where to.
async function plan() {
  const { postal_code } = typed();
  if (!/^\d{5}$/.test(postal_code)) return;
  const asked = {
    lines: lines().map(({ sku, quantity, home = false }) => ({ sku, quantity, home })),
    customer_number: state.customer?.number ?? null,
    promotion_code: state.code,
    postal_code,
  };
  try {
    const { home } = await post("/quotes", asked);
    const whole = home?.promised_on;
    planned = whole ? home : null;
    byId("home-plan").textContent = whole
      ? say("homePlan", { day: day.format(new Date(home.promised_on)), shipping: money(home.shipping_minor) })
      : say("homeNone");
  } catch (error) {
    byId("home-message").textContent = error instanceof NoAnswer ? say("homeNeedsNet") : error.message;
  }
}

async function take(event) {
  event.preventDefault();
  if (!planned) await plan();
  const address = typed();
  if (!planned || FIELDS.some((name) => !address[name])) {
    byId("home-message").textContent = say("homeWhere");
    return;
  }
  basket.sendHome(key, address, planned.shipping_minor);
  byId("home").close();
}

export function start() {
  byId("home-postal_code").addEventListener("input", plan);
  byId("home-form").addEventListener("submit", take);
  byId("stock-home").addEventListener("click", () => {
    byId("stock").close();
    const line = state.lines.find((each) => each.key === state.selected) ?? state.lines.at(-1);
    if (line) open(line);
  });
}
