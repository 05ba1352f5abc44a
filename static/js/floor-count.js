// Taking goods in: a scan counts one more of a line; what is not on the page the server looks up.

import { gtin14, read } from "./till-codes.js";
import { taken } from "./till-sound.js";

const field = document.getElementById("code");
const told = document.getElementById("told");
const lines = [...document.querySelectorAll("[data-sku]")];

field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !field.value.trim()) return;
  const code = read(field.value.trim());
  const gtin = code.gtin ? gtin14(code.gtin) : null;
  const line = lines.find(
    (each) => (gtin && each.dataset.gtin === gtin) || each.dataset.sku.toLowerCase() === code.code.toLowerCase(),
  );
  // An unknown one goes the plain way: the form is sent, and the page comes back with it.
  if (!line) return;
  event.preventDefault();
  field.value = "";
  const input = line.querySelector(".box__units");
  input.value = Number(input.value || 0) + 1;
  taken();
  told.textContent = told.dataset.in.replace("{name}", line.dataset.name).replace("{count}", input.value);
  told.dataset.tone = "ok";
});
