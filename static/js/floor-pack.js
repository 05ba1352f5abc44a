// Packing: what is scanned goes into the parcel that is marked. The suggestion stands in the fields
// until the first scan; from then on only what was scanned counts. Closing is a step like a scan: kept
// on the device, told when there is a network.

import { keep, waiting } from "./floor-outbox.js";
import { begin, fill, refuse, tell, words } from "./floor-page.js";
import { gtin14, read } from "./till-codes.js";
import { taken } from "./till-sound.js";

// More than any carton carries: whoever types grams is asked for kilograms.
const MOST_GRAMS = 100_000;
const form = document.getElementById("pack");
const field = document.getElementById("code");
const close = document.getElementById("close");
const label = close.querySelector("span");
const usual = label.textContent;
const odd = document.getElementById("odd");
const boxes = [...document.querySelectorAll(".box")];
const { job, ref } = form.dataset;
let counting = false;
let closing = false;
let current = boxes[0];

const inputOf = (line) => line.querySelector(".box__units");
const unitsOf = (line) => Number(inputOf(line).value || 0);
const linesIn = (part, name, value) =>
  [...part.querySelectorAll(".box__line")].filter((line) => line.dataset[name] === value);
const packedOf = (id) => linesIn(form, "line", id).reduce((sum, line) => sum + unitsOf(line), 0);

function show() {
  const first = boxes[0] ? [...boxes[0].querySelectorAll(".box__line")] : [];
  const all = first.reduce((sum, line) => sum + Number(line.dataset.most), 0);
  const done = first.reduce((sum, line) => sum + packedOf(line.dataset.line), 0);
  document.getElementById("packed-count").textContent = `${done}/${all}`;
  for (const box of boxes) box.classList.toggle("box--current", boxes.length > 1 && box === current);
}

function scan(text) {
  const code = read(text);
  const gtin = code.gtin ? gtin14(code.gtin) : null;
  const mine = [...current.querySelectorAll(".box__line")].filter(
    (line) => (gtin && line.dataset.gtin === gtin) || line.dataset.sku.toLowerCase() === code.code.toLowerCase(),
  );
  if (!mine.length) return refuse(fill(words.wrong, { code: text }));
  // The same article may stand in two lines of an order: the first one that is not full takes it.
  const scanned = (each) => (counting ? packedOf(each.dataset.line) : 0);
  const line = mine.find((each) => scanned(each) < Number(each.dataset.most));
  if (!line) return refuse(words.packedAll);
  if (!counting) for (const input of form.querySelectorAll(".box__units")) input.value = 0;
  counting = true;
  inputOf(line).value = unitsOf(line) + 1;
  taken();
  navigator.vibrate?.(40);
  tell(fill(words.packed, { name: line.dataset.name, number: current.dataset.parcel }), "ok");
  show();
}

// What is missing on the shelf, and the shop does not know yet, is not packed.
async function replay() {
  const steps = (await waiting()).filter((step) => step.job === job);
  for (const { code, lacking } of steps.filter((step) => step.what === "short")) {
    let missing = lacking;
    for (const line of boxes[0] ? linesIn(boxes[0], "sku", code) : []) {
      const less = Math.min(missing, Number(line.dataset.most));
      missing -= less;
      for (const same of linesIn(form, "line", line.dataset.line)) lower(same, less);
    }
  }
  if (steps.length) document.getElementById("still-picking")?.remove();
  return steps.some((step) => step.what === "pack");
}

function lower(line, less) {
  const most = Number(line.dataset.most) - less;
  line.dataset.most = String(most);
  inputOf(line).max = most;
  inputOf(line).value = Math.min(unitsOf(line), most);
  line.querySelector("[data-picked]").textContent = String(most);
}

// Per parcel that holds something: units by line, carton, grams on the scales (NaN: no number).
function parcels() {
  const filled = boxes.filter((box) => [...box.querySelectorAll(".box__line")].some(unitsOf));
  return filled.map((box) => {
    const number = box.dataset.parcel;
    const lines = [...box.querySelectorAll(".box__line")].filter(unitsOf);
    const carton = form.elements[`box-${number}`].selectedOptions[0];
    const typed = form.elements[`kilos-${number}`].value.trim().replace(",", ".");
    const goods = lines.reduce((sum, line) => sum + unitsOf(line) * Number(line.dataset.grams), 0);
    return {
      number,
      units: Object.fromEntries(lines.map((line) => [line.dataset.line, unitsOf(line)])),
      box: carton.value || null,
      grams: typed ? Math.round(Number(typed) * 1000) : null,
      reckoned: goods + Number(carton.dataset.tare ?? 0),
    };
  });
}

const weighed = ({ grams }) => grams === null || (grams > 0 && grams <= MOST_GRAMS);

// As `_odd` of app/web/floor/packing.py asks where there is no script.
function doubtful(found) {
  const { oddGrams, oddPercent } = form.dataset;
  return found.filter(
    ({ grams, reckoned }) =>
      grams !== null &&
      Math.abs(grams - reckoned) > Math.max(Number(oddGrams), Math.floor((reckoned * Number(oddPercent)) / 100)),
  );
}

async function pack() {
  const found = parcels();
  if (!found.every(weighed)) return refuse(words.weight);
  const doubts = doubtful(found);
  if (doubts.length && odd.hidden) {
    const lines = doubts.map(({ number, grams, reckoned }) => fill(words.odd, { number, scales: grams, reckoned }));
    document.getElementById("odd-lines").textContent = lines.join(" ");
    odd.hidden = false;
    odd.scrollIntoView({ block: "center" });
    label.textContent = words.sure;
    return refuse(words.doubt);
  }
  closing = true;
  close.disabled = true;
  const told = found.map(({ units, box, grams }) => ({ units, box, grams }));
  await keep({ job, what: "pack", code: "", lot: null, parcels: told, named: ref });
}

function wait() {
  form.inert = true;
  close.hidden = true;
  document.getElementById("packed-later").hidden = false;
  tell(words.packedLater, "ok");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!closing) pack();
});
form.addEventListener("input", () => {
  odd.hidden = true;
  label.textContent = usual;
  show();
});
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  const text = field.value.trim();
  field.value = "";
  if (text) scan(text);
});
for (const box of boxes) {
  for (const what of ["focusin", "click"]) {
    box.addEventListener(what, () => {
      current = box;
      show();
    });
  }
}
if (matchMedia("(pointer: fine)").matches) field.focus({ preventScroll: true });

closing = (await replay()) || closing;
show();
await begin({
  // Where the picking is told now, the page comes back with what is there.
  empty: () => form.dataset.told && !counting && !closing && location.reload(),
  offline: () => closing && wait(),
  answered({ step, outcome }) {
    if (step.job !== job) return;
    if (step.what === "take" && outcome === "refused") location.assign(form.dataset.next);
    else if (step.what !== "pack") form.dataset.told = "1";
    else if (outcome === "refused") location.reload();
    else location.assign(form.dataset.next);
  },
});
