// Who may not buy everything: asked once per sale for the highest age. Kept is yes or no, no date.

import { now } from "./till-clock.js";
import { byId, locale, say } from "./till-page.js";
import * as sound from "./till-sound.js";
import { keep, state } from "./till-store.js";

const day = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "Europe/Berlin" });
let answer = null;
let strayed = false;

export function latestBirthday(years) {
  const date = now();
  date.setFullYear(date.getFullYear() - years);
  return day.format(date);
}

// Returns whether the customer is old enough for the article.
export async function asked(item) {
  if (state.old_enough >= item.age_min) return true;
  byId("age-title").textContent = say("ageTitle", { age: item.age_min });
  byId("age-text").textContent = say("ageText", { title: item.title, day: latestBirthday(item.age_min) });
  const old = new Promise((resolve) => (answer = resolve));
  strayed = false;
  byId("age").showModal();
  byId("age-yes").focus();
  const yes = await old;
  byId("age").close();
  if (yes) keep({ old_enough: item.age_min });
  return yes;
}

// A scanner that goes on types a code and presses Enter: that is nobody's answer.
function onKey(event) {
  if (event.key.length === 1 && event.key !== " ") strayed = true;
  if (event.key !== "Enter" || !strayed) return;
  event.preventDefault();
  strayed = false;
  sound.unknown();
}

export function start() {
  byId("age").addEventListener("keydown", onKey);
  byId("age-yes").addEventListener("click", () => answer?.(true));
  byId("age-no").addEventListener("click", () => answer?.(false));
  byId("age").addEventListener("cancel", (event) => {
    event.preventDefault();
    answer?.(false);
  });
}
