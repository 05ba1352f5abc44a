// Packing: what is scanned goes into the parcel that is marked. The suggestion stands in the fields
// until the first scan; from then on only what was scanned counts.

import { gtin14, read } from "./till-codes.js";
import { taken, unknown } from "./till-sound.js";

const field = document.getElementById("code");
const told = document.getElementById("told");
const count = document.getElementById("packed-count");
const boxes = [...document.querySelectorAll(".box")];
let counting = false;
let current = boxes[0];

const unitsOf = (line) => Number(line.querySelector(".box__units").value || 0);
const linesOf = (sku) => [...document.querySelectorAll(".box__line")].filter((line) => line.dataset.sku === sku);

function tell(text, tone) {
  told.textContent = text;
  told.dataset.tone = tone;
}

function refuse(text, code = "") {
  unknown();
  navigator.vibrate?.([180, 80, 180]);
  tell(text.replace("{code}", code), "danger");
}

function show() {
  const first = boxes[0] ? [...boxes[0].querySelectorAll(".box__line")] : [];
  const all = first.reduce((sum, line) => sum + Number(line.dataset.most), 0);
  const done = [...document.querySelectorAll(".box__line")].reduce((sum, line) => sum + unitsOf(line), 0);
  count.textContent = `${done}/${all}`;
  for (const box of boxes) box.classList.toggle("box--current", boxes.length > 1 && box === current);
}

function scan(text) {
  const code = read(text);
  const gtin = code.gtin ? gtin14(code.gtin) : null;
  const mine = [...current.querySelectorAll(".box__line")].filter(
    (line) => (gtin && line.dataset.gtin === gtin) || line.dataset.sku.toLowerCase() === code.code.toLowerCase(),
  );
  if (!mine.length) return refuse(told.dataset.wrong, text);
  if (!counting) {
    counting = true;
    for (const input of document.querySelectorAll(".box__units")) input.value = 0;
  }
  // The same article may stand in two lines of an order: the first one that is not full takes it.
  const line = mine.find((each) => {
    const name = each.querySelector(".box__units").name.slice("units-1-".length);
    const same = linesOf(each.dataset.sku).filter((other) => other.querySelector(".box__units").name.endsWith(name));
    return same.reduce((sum, other) => sum + unitsOf(other), 0) < Number(each.dataset.most);
  });
  if (!line) return refuse(told.dataset.enough);
  line.querySelector(".box__units").value = unitsOf(line) + 1;
  taken();
  navigator.vibrate?.(40);
  tell(told.dataset.in.replace("{name}", line.dataset.name).replace("{number}", current.dataset.parcel), "ok");
  show();
}

field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  const text = field.value.trim();
  field.value = "";
  if (text) scan(text);
});
for (const box of boxes) {
  box.addEventListener("focusin", () => {
    current = box;
    show();
  });
  box.addEventListener("click", () => {
    current = box;
    show();
  });
}
document.getElementById("pack").addEventListener("input", show);
if (matchMedia("(pointer: fine)").matches) field.focus({ preventScroll: true });
show();
