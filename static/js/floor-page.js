// What pages of the floor have in common: what they say, which steps were refused, what is told when
// there is a network again, and what stays readable until then.

import { forgetRefused, refusedSteps, start } from "./floor-outbox.js";
import { unknown } from "./till-sound.js";

const told = document.getElementById("told");
const net = document.getElementById("net");
const notBooked = document.getElementById("not-booked");

export const root = document.getElementById("pick");
export const words = JSON.parse(root.dataset.words);
export const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");

export function tell(text, tone, big = "") {
  told.textContent = text;
  told.dataset.tone = tone;
  document.getElementById("tote").textContent = big;
}

export function refuse(text) {
  unknown();
  navigator.vibrate?.([180, 80, 180]);
  tell(text, "danger");
}

// A step that was refused stays in sight, over reloads too, until somebody says so.
async function showRefused() {
  const found = await refusedSteps();
  notBooked.hidden = found.length === 0;
  const lines = found.map(({ named, words: why }) => {
    const line = document.createElement("li");
    line.textContent = `${named}: ${why}`;
    return line;
  });
  notBooked.querySelector("ul").replaceChildren(...lines);
}

notBooked.querySelector("button").addEventListener("click", async () => {
  await forgetRefused();
  await showRefused();
});

const SAID = {
  empty: () => (net.hidden = true),
  offline({ count }) {
    net.hidden = false;
    net.textContent = fill(words.offline, { count });
  },
  locked() {
    net.hidden = false;
    net.textContent = words.locked;
  },
  async answered({ outcome, words: why }) {
    if (outcome !== "refused") return;
    refuse(why);
    await showRefused();
  },
};

// The pages that the worker keeps: this one, where [data-keep] leads from here, and `more`.
export function keepPages(more = []) {
  const links = [...document.querySelectorAll("[data-keep]")].map((link) => link.href);
  const next = [...links, ...more.map((address) => new URL(address, location.href).href)];
  const parts = performance.getEntriesByType("resource").map((entry) => entry.name);
  navigator.serviceWorker?.ready
    .then((ready) => ready.active?.postMessage({ keep: [location.href, ...next, ...parts] }))
    .catch(() => {});
}

// heard: {empty, offline, answered}: what else this page does then.
export async function begin(heard = {}) {
  addEventListener("floor:queue", ({ detail }) => {
    SAID[detail.state](detail);
    heard[detail.state]?.(detail);
  });
  // Who signs out takes along what is kept (floor-leave.js).
  navigator.serviceWorker?.register(root.dataset.worker, { scope: root.dataset.scope }).catch(() => {});
  keepPages();
  await showRefused();
  start();
  root.dataset.ready = "1";
}
