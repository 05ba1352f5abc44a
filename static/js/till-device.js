// Which till this is: its token comes once, by hand, by pairing code or by link, and stays in the
// browser. What the server says of the till is kept, so that it also starts without net.

import { NoAnswer, Refusal, get, post } from "./till-api.js";
import * as book from "./till-book.js";
import { setTime } from "./till-clock.js";
import * as db from "./till-db.js";
import * as outbox from "./till-outbox.js";
import { byId, say, show } from "./till-page.js";
import { token } from "./till-store.js";

const RULES = { cash_rounding_minor: 1, lock_after_seconds: 300, small_discount_basis_points: 1000 };
let facts = null;

export const device = () => facts ?? {};
export const rules = () => ({ ...RULES, ...facts?.rules });

// /till/#token=… or /till/?token=…; the address bar forgets it at once.
function fromLink() {
  const address = new URL(location.href);
  const given =
    address.searchParams.get("token") ?? new URLSearchParams(address.hash.slice(1)).get("token");
  if (!given) return;
  token.set(given);
  address.searchParams.delete("token");
  address.hash = "";
  history.replaceState(null, "", address);
}

function become(known) {
  facts = known;
  outbox.setDevice(known.code);
  const place = known.name.includes(known.location_name) ? "" : ` · ${known.location_name}`;
  byId("till-name").textContent = known.name + place;
}

// Ask the server who we are; also what the clock says and which receipt was the last.
export async function refresh() {
  const known = await get("/device");
  setTime(known.time);
  await book.continueFrom(known.code, known.last_receipt_number ?? 0);
  await db.remember("device", known);
  // What a page remembers by itself may be seconds old after a power cut; the database is not.
  await db.remember("token", token.get());
  become(known);
}

// Returns whether the till may work: it is known, or nobody answers and it was known before.
async function check() {
  try {
    await refresh();
    return true;
  } catch (error) {
    const before = await db.meta("device");
    if (!(error instanceof NoAnswer) || !before) {
      byId("sign-in-message").textContent = say(error instanceof NoAnswer ? "noNetYet" : "wrongToken");
      return false;
    }
    become(before);
    return true;
  }
}

// A pairing code has eight characters and is exchanged for a token; anything else is a token.
async function tokenOf(typed) {
  if (!/^[A-Z0-9]{4}-?[A-Z0-9]{4}$/i.test(typed)) return typed;
  try {
    return (await post("/pairings", { pairing_code: typed.replace("-", "").toUpperCase() })).token;
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) return typed;
    throw error;
  }
}

function forget(message = "") {
  token.forget();
  db.drop("meta", "token");
  byId("sign-in-message").textContent = message;
  show("sign-in");
  byId("token").focus();
}

export async function start(ready) {
  byId("sign-in").addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = byId("token");
    byId("sign-in-message").textContent = "";
    const typed = field.value.trim();
    if (!typed) return;
    token.set(await tokenOf(typed).catch(() => typed));
    if (await check()) {
      field.value = "";
      ready();
      return;
    }
    token.forget();
    field.select();
  });
  byId("sign-off").addEventListener("click", () => forget());
  addEventListener("till:signed-out", () => token.get() && forget(say("signInAgain")));
  fromLink();
  if (!token.get()) token.set((await db.meta("token")) ?? "");
  if (token.get() && (await check())) ready();
  else forget(byId("sign-in-message").textContent);
}
