// Picking with a phone: a scan is checked here and shown at once, told to the server whenever there
// is a network. Each [data-want] is an order line of a tote; a wave has several on a page.

import { keep, start, waiting } from "./floor-outbox.js";
import { gtin14, read } from "./till-codes.js";
import { taken, unknown } from "./till-sound.js";

const root = document.getElementById("pick");
const words = JSON.parse(root.dataset.words);
const form = document.getElementById("scan");
const field = document.getElementById("code");
const told = document.getElementById("told");
const net = document.getElementById("net");
const wants = [...document.querySelectorAll("[data-want]")];
let refused = false;
let finishing = false;

const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");
const leftOf = (want) => Number(want.dataset.left);
const leftInAll = () => wants.reduce((sum, want) => sum + leftOf(want), 0);

function tell(text, tone, big = "") {
  told.textContent = text;
  told.dataset.tone = tone;
  document.getElementById("tote").textContent = big;
}

function refuse(text) {
  unknown();
  navigator.vibrate?.([180, 80, 180]);
  form?.classList.remove("is-refused");
  requestAnimationFrame(() => form?.classList.add("is-refused"));
  tell(text, "danger");
}

function show(want) {
  const left = leftOf(want);
  for (const count of want.querySelectorAll("[data-count]")) count.textContent = left ? `${left} ×` : "✓";
  want.toggleAttribute("data-done", left === 0);
  const card = want.closest(".pick");
  const open = [...card.querySelectorAll("[data-want]"), ...(card.matches("[data-want]") ? [card] : [])].some(leftOf);
  card.classList.toggle("pick--done", !open);
  for (const part of card.querySelectorAll("[data-while-open]")) part.hidden = !open;
  const all = Number(root.dataset.units);
  document.getElementById("done-count").textContent = `${all - leftInAll()}/${all}`;
}

function change(want, left) {
  want.dataset.left = String(left);
  show(want);
  if (leftInAll() === 0) {
    form?.toggleAttribute("hidden", true);
    tell(words.complete, "ok");
  }
}

const matches = (want, code) =>
  (code.gtin && want.dataset.gtin === code.gtin) ||
  want.dataset.sku.toLowerCase() === code.code.toLowerCase() ||
  (code.sku && want.dataset.sku === code.sku);

function meaning(text) {
  const code = read(text);
  // Eight digits of a wrong check digit may still be a SKU; a GTIN-8 to 14 is compared with 14.
  return code.gtin ? { ...code, gtin: gtin14(code.gtin) } : code;
}

async function scan(text, lot = "") {
  const code = meaning(text);
  const all = wants.filter((want) => matches(want, code));
  if (!all.length) return refuse(fill(words.wrong, { code: text }));
  const want = all.find(leftOf);
  if (!want) return refuse(words.enough);
  const named = lot || code.lot || "";
  if (want.dataset.tracking && !named) {
    want.querySelector('input[name="lot"]')?.focus();
    return refuse(words.lot);
  }
  change(want, leftOf(want) - 1);
  form?.classList.remove("is-refused");
  taken();
  navigator.vibrate?.(40);
  const more = leftOf(want) ? words.taken : words.last;
  if (leftInAll()) tell(fill(more, { name: want.dataset.name, left: leftOf(want) }), "ok", want.dataset.tote ?? "");
  else document.getElementById("tote").textContent = want.dataset.tote ?? "";
  await keep({ job: want.dataset.job, what: "scan", code: named ? want.dataset.sku : text, lot: named || null });
}

async function missing(want) {
  if (!leftOf(want)) return;
  change(want, 0);
  unknown();
  navigator.vibrate?.([60, 60, 60]);
  tell(fill(words.short, { name: want.dataset.name }), "warn");
  await keep({ job: want.dataset.job, what: "short", code: want.dataset.sku, lot: null });
}

// What this device has done and the server does not know yet is done on this page, too.
async function replay() {
  for (const step of await waiting()) {
    const mine = wants.filter((want) => want.dataset.job === step.job);
    const code = meaning(step.code ?? "");
    const want = mine.find((each) => matches(each, code) && leftOf(each));
    if (want && step.what === "scan") change(want, leftOf(want) - 1);
    if (want && step.what === "short") change(want, 0);
  }
}

document.addEventListener("submit", (event) => {
  const { target } = event;
  const step = target.dataset.does;
  if (!step || (target !== form && !target.closest("[data-want]"))) return;
  event.preventDefault();
  const want = target.closest("[data-want]");
  if (step === "short") {
    target.closest("details")?.removeAttribute("open");
    missing(want);
  } else if (want) {
    scan(want.dataset.sku, target.elements.lot?.value.trim() ?? "").then(() => target.reset());
  } else {
    const text = field.value.trim();
    field.value = "";
    if (text) scan(text);
  }
  if (matchMedia("(pointer: fine)").matches) field?.focus({ preventScroll: true });
});

const STATES = {
  empty() {
    net.hidden = true;
    if ((leftInAll() === 0 || refused) && !finishing && root.dataset.units !== "0" && root.dataset.open) {
      finishing = true;
      location.reload();
    }
  },
  offline({ count }) {
    net.hidden = false;
    net.textContent = fill(words.offline, { count });
  },
  locked() {
    net.hidden = false;
    net.textContent = words.locked;
  },
  answered({ outcome, words: why, step }) {
    root.dataset.open = "1";
    if (outcome !== "refused") return;
    refused = true;
    refuse(why);
    const line = document.createElement("li");
    line.textContent = `${step.code}: ${why}`;
    document.getElementById("not-booked").append(line);
    document.getElementById("not-booked").hidden = false;
  },
};
addEventListener("floor:queue", ({ detail }) => STATES[detail.state](detail));

// The page itself is there without network, too; who signs out takes it along.
if ("serviceWorker" in navigator) {
  navigator.serviceWorker
    .register(root.dataset.worker, { scope: root.dataset.scope })
    .then(() => navigator.serviceWorker.ready)
    .then((ready) => {
      const parts = performance.getEntriesByType("resource").map((entry) => entry.name);
      ready.active?.postMessage({ keep: [location.href, ...parts] });
    })
    .catch(() => {});
}

await replay();
start();
root.dataset.ready = "1";
