// Who may not buy everything: asked once per sale for the highest age. Kept is yes or no, no date;
// a "no" goes to the books with the sale, or alone where there is none.

import { now } from "./till-clock.js";
import { recordRefusal } from "./till-given-up.js";
import { byId, locale, say } from "./till-page.js";
import * as sound from "./till-sound.js";
import { keep, state } from "./till-store.js";

const day = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "Europe/Berlin" });
const MOST = 20;
let answer = null;
let strayed = false;

export function latestBirthday(years) {
  const date = now();
  date.setFullYear(date.getFullYear() - years);
  return day.format(date);
}

// A "no" stands for the sale, too; the same article once more asks again.
function refused(item) {
  const again = state.refused.some(({ sku }) => sku === item.sku);
  return state.too_young > 0 && item.age_min >= state.too_young && !again;
}

async function refuse({ sku, age_min }) {
  if (!state.sale_id) return recordRefusal([sku]);
  const others = state.refused.filter((one) => one.sku !== sku);
  const too_young = Math.min(age_min, state.too_young || age_min);
  return keep({ too_young, refused: [...others, { sku, age_min }].slice(-MOST) });
}

// Returns whether the customer is old enough for the article.
export async function asked(item) {
  if (state.old_enough >= item.age_min) return true;
  const yes = !refused(item) && (await answered(item));
  // The till has locked meanwhile: nobody has answered.
  if (yes === null) return false;
  if (!yes) await refuse(item);
  // Who has found the passport has proven every lower age as well.
  else keep({ old_enough: item.age_min, too_young: 0, refused: state.refused.filter((one) => one.age_min > item.age_min) });
  return yes;
}

async function answered(item) {
  byId("age-title").textContent = say("ageTitle", { age: item.age_min });
  byId("age-text").textContent = say("ageText", { title: item.title, day: latestBirthday(item.age_min) });
  const old = new Promise((resolve) => (answer = resolve));
  strayed = false;
  byId("age").showModal();
  byId("age-yes").focus();
  const yes = await old;
  byId("age").close();
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
  addEventListener("till:locking", () => byId("age").open && answer?.(null));
  byId("age-yes").addEventListener("click", () => answer?.(true));
  byId("age-no").addEventListener("click", () => answer?.(false));
  byId("age").addEventListener("cancel", (event) => {
    event.preventDefault();
    answer?.(false);
  });
}
