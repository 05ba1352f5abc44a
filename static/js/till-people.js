// Who serves: by PIN, checked on the device, so also without net. The till locks when nobody is there.

import { get } from "./till-api.js";
import * as db from "./till-db.js";
import { rules } from "./till-device.js";
import { byId, say, show, viewIs } from "./till-page.js";
import * as sound from "./till-sound.js";
import { keep, state } from "./till-store.js";

let cashiers = [];
let after = () => {};

export const known = () => cashiers.length > 0;
export const one = (code) => cashiers.find((person) => person.code === code) ?? null;
export const nameOf = (code) => one(code)?.name ?? null;
// Where nobody has a PIN, everybody may do what a cashier may.
export const may = (right) => !known() || Boolean(one(state.person)?.rights.includes(right));

const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));

async function fits(pin, typed) {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(typed), "PBKDF2", false, ["deriveBits"]);
  const way = { name: "PBKDF2", hash: "SHA-256", salt: bytes(pin.salt), iterations: pin.iterations };
  const made = new Uint8Array(await crypto.subtle.deriveBits(way, key, 256));
  const wanted = bytes(pin.hash);
  return made.every((byte, place) => byte === wanted[place]);
}

// Whose PIN this is: all are tried at the same time; null where it is nobody's.
export async function byPin(typed) {
  const found = await Promise.all(cashiers.map(async (person) => person.pin && (await fits(person.pin, typed))));
  return cashiers[found.indexOf(true)] ?? null;
}

export async function load() {
  cashiers = (await db.meta("cashiers")) ?? [];
}

export async function refresh() {
  ({ cashiers } = await get("/cashiers"));
  await db.remember("cashiers", cashiers);
  draw();
}

// Whoever serves has left, or somebody has to say who serves since people have PINs.
export const guard = () => one(state.person) || lock();

function draw() {
  const person = one(state.person);
  byId("till-person").hidden = !person;
  if (person) byId("till-person-name").textContent = person.name;
}

// A payment that is under way says no. Whatever else stands open would lie above the lock, and whoever
// comes could go on with it.
export function lock() {
  if (!known() || !["sale", "receipt", "locked"].includes(document.documentElement.dataset.view)) return;
  if (!dispatchEvent(new Event("till:locking", { cancelable: true }))) return;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  keep({ person: null });
  draw();
  ask();
}

function ask() {
  byId("pin").value = byId("pin-message").textContent = "";
  show("locked");
  byId("pin").focus();
}

// Go on with `work` once somebody is there whose PIN is known.
export function attended(work) {
  after = work;
  const here = one(state.person) && Date.now() - state.active_at < rules().lock_after_seconds * 1000;
  draw();
  if (known() && !here) ask();
  else work();
}

async function enter(event) {
  event.preventDefault();
  const person = await byPin(byId("pin").value);
  byId("pin").value = "";
  if (!person) {
    sound.unknown();
    byId("pin-message").textContent = say("wrongPin");
    return;
  }
  keep({ person: person.code, active_at: Date.now() });
  draw();
  after();
}

function padKey(event) {
  const key = event.target.closest("button")?.dataset.digit;
  if (key === undefined) return;
  const field = byId("pin");
  field.value = key === "back" ? field.value.slice(0, -1) : field.value + key;
}

export function start() {
  byId("pin-form").addEventListener("submit", enter);
  byId("pin-pad").addEventListener("click", padKey);
  byId("till-person").addEventListener("click", lock);
  const here = () => Date.now() - state.active_at > 1000 && !viewIs("locked") && keep({ active_at: Date.now() });
  for (const sign of ["keydown", "pointerdown"]) document.addEventListener(sign, here, { capture: true });
  setInterval(() => {
    const idle = Date.now() - state.active_at > rules().lock_after_seconds * 1000;
    if (idle && one(state.person)) lock();
  }, 2000);
}
