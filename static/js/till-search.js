// Finding an article by its name: the best ones below the field, chosen with arrows and Enter.

import { addItem } from "./till-adding.js";
import * as index from "./till-index.js";
import { byId, focusScan, money, paint, piece } from "./till-page.js";

const FEWEST = 2;
const CALM = 60;
let found = [];
let timer = 0;

const list = () => byId("found");
const chosen = () => list().querySelector("[aria-selected=true]");

function draw() {
  list().replaceChildren(
    ...found.map((item, place) => {
      const entry = piece("found");
      entry.id = `found-${place}`;
      entry.querySelector(".till__name").textContent = item.title;
      entry.querySelector(".till__detail").textContent = item.sku;
      entry.querySelector(".num").textContent = money(item.unit_minor);
      paint(entry.querySelector("img"), item.picture);
      entry.addEventListener("click", () => take(place));
      return entry;
    }),
  );
  list().hidden = found.length === 0;
  byId("scan-code").setAttribute("aria-expanded", String(found.length > 0));
  mark(null);
}

function mark(entry) {
  chosen()?.setAttribute("aria-selected", "false");
  entry?.setAttribute("aria-selected", "true");
  if (entry) byId("scan-code").setAttribute("aria-activedescendant", entry.id);
  else byId("scan-code").removeAttribute("aria-activedescendant");
  entry?.scrollIntoView({ block: "nearest" });
}

export function close() {
  clearTimeout(timer);
  found = [];
  draw();
}

function take(place) {
  const item = found[place];
  byId("scan-code").value = "";
  close();
  addItem(item);
  focusScan();
}

// Words that were entered: the only article with that name, or a choice. Returns whether there is one.
export function find(text) {
  found = index.search(text);
  if (found.length === 1) {
    const [item] = found;
    close();
    return addItem(item);
  }
  draw();
  if (!found.length) return false;
  byId("scan-code").value = text;
  mark(list().firstElementChild);
  return true;
}

// A scanner is through before anything is looked for; codes of digits are not words.
function typed() {
  clearTimeout(timer);
  const text = byId("scan-code").value.trim();
  if (text.length < FEWEST || !/\p{L}/u.test(text) || text.includes("/")) return close();
  timer = setTimeout(() => {
    found = index.search(text);
    draw();
  }, CALM);
}

function key(event) {
  if (!found.length) return;
  const all = [...list().children];
  const at = all.indexOf(chosen());
  if (event.key === "ArrowDown") mark(all[Math.min(all.length - 1, at + 1)]);
  else if (event.key === "ArrowUp") mark(all[Math.max(0, at - 1)]);
  else if (event.key === "Escape") close();
  else if (event.key === "Enter" && at >= 0) take(at);
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

export function start() {
  byId("scan-code").addEventListener("input", typed);
  byId("scan-code").addEventListener("keydown", key);
}
