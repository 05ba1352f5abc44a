// The shop's time: the demo's clock may be moved, and a till's own clock may be wrong. The distance
// is kept, so that a till that starts without net has the right time, too.

import { byId, locale } from "./till-page.js";

const KEY = "kontor.till.ahead";
const format = new Intl.DateTimeFormat(locale, {
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "Europe/Berlin",
});
let ahead = Number(localStorage.getItem(KEY)) || 0;

export const now = () => new Date(Date.now() + ahead);

export function setTime(instant) {
  ahead = new Date(instant).getTime() - Date.now();
  localStorage.setItem(KEY, String(ahead));
  draw();
}

function draw() {
  byId("till-clock").hidden = false;
  byId("till-clock").textContent = format.format(now());
}

export function start() {
  draw();
  setInterval(draw, 5000);
}
