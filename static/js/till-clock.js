// The shop's time: the demo's clock may be moved, and a till's own clock may be wrong.

import { byId, locale } from "./till-page.js";

const format = new Intl.DateTimeFormat(locale, {
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "Europe/Berlin",
});
let ahead = 0;

export const now = () => new Date(Date.now() + ahead);

export function setTime(instant) {
  ahead = new Date(instant).getTime() - Date.now();
  draw();
}

function draw() {
  byId("till-clock").hidden = false;
  byId("till-clock").textContent = format.format(now());
}

export const start = () => setInterval(() => byId("till-clock").hidden || draw(), 5000);
