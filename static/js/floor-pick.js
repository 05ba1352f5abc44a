// Picking with a phone: a scan is checked here and shown at once, told to the server whenever there
// is a network. Each [data-want] is an order line of a tote; a wave has several on a page.

import { keep, waiting } from "./floor-outbox.js";
import { begin, fill, keepPages, refuse as say, root, tell, words } from "./floor-page.js";
import { take } from "./floor-take.js";
import { gtin14, read } from "./till-codes.js";
import { taken, unknown } from "./till-sound.js";

const form = document.getElementById("scan");
const field = document.getElementById("code");
const next = document.getElementById("go-on");
const open = document.querySelector('form[data-does="take"]');
const wants = [...document.querySelectorAll("[data-want]")];
let refused = false;
let finishing = false;
let got = Number(root.dataset.units) - Number(root.dataset.left);

const leftOf = (want) => Number(want.dataset.left);
const leftInAll = () => wants.reduce((sum, want) => sum + leftOf(want), 0);

function refuse(text) {
  form?.classList.remove("is-refused");
  requestAnimationFrame(() => form?.classList.add("is-refused"));
  say(text);
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
  got += 1;
  change(want, leftOf(want) - 1);
  form?.classList.remove("is-refused");
  taken();
  navigator.vibrate?.(40);
  const more = leftOf(want) ? words.taken : words.last;
  if (leftInAll()) tell(fill(more, { name: want.dataset.name, left: leftOf(want) }), "ok", want.dataset.tote ?? "");
  else document.getElementById("tote").textContent = want.dataset.tote ?? "";
  const sent = named ? want.dataset.sku : text;
  await keep({ job: want.dataset.job, what: "scan", code: sent, lot: named || null, named: text });
}

async function missing(want) {
  const lacking = leftOf(want);
  if (!lacking) return;
  change(want, 0);
  unknown();
  navigator.vibrate?.([60, 60, 60]);
  tell(fill(words.short, { name: want.dataset.name }), "warn");
  const { job, sku } = want.dataset;
  await keep({ job, what: "short", code: sku, lot: null, named: sku, lacking });
}

// Taken without a network: the page goes on as if it were this person's, and says what it hangs on.
function reveal() {
  for (const part of document.querySelectorAll("[data-when-taken]")) part.hidden = false;
  open.hidden = true;
  tell(words.takenLater, "warn");
}

async function claim() {
  const outcome = await take(open);
  if (outcome === "kept") reveal();
  else location.reload();
}

// What this device has done and the server does not know yet is done on this page, too.
async function replay() {
  for (const step of await waiting()) {
    const mine = wants.filter((want) => want.dataset.job === step.job);
    if (step.what === "take" && step.job === open?.dataset.job) reveal();
    const code = meaning(step.code ?? "");
    const want = mine.find((each) => matches(each, code) && leftOf(each));
    if (want && step.what === "scan") got += 1;
    if (want && step.what === "scan") change(want, leftOf(want) - 1);
    if (want && step.what === "short") change(want, 0);
  }
}

document.addEventListener("submit", (event) => {
  const { target } = event;
  const step = target.dataset.does;
  if (step === "take") {
    event.preventDefault();
    claim();
    return;
  }
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

await replay();
await begin({
  empty() {
    if ((leftInAll() === 0 || refused) && !finishing && root.dataset.units !== "0" && root.dataset.open) {
      finishing = true;
      location.reload();
    }
  },
  // Without a network the page cannot come back with the next step: it leads there by itself.
  offline: () => next?.toggleAttribute("hidden", leftInAll() > 0 || got === 0),
  answered({ outcome, step }) {
    root.dataset.open = "1";
    if (outcome === "refused") refused = true;
    // What is kept for packing counts what is there.
    if (step.what === "short") keepPages();
  },
});
