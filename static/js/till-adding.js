// An article gets into the basket: scanned, found by its name, from an offer or as a favourite.

import * as age from "./till-age.js";
import * as basket from "./till-basket.js";
import { byId, say, tell } from "./till-page.js";
import * as sound from "./till-sound.js";
import { state } from "./till-store.js";

const SHAKEN = 1200;

// What may not be sold is told, what needs an age is asked.
export async function addItem(item, { times = 1, ...from } = {}) {
  if (state.from?.collection) return refuse(say("fixedBasket"));
  if (!item.sellable) {
    sound.unknown();
    return refuse(say(item.recalled ? "recalled" : "notSellable", { title: item.title }));
  }
  if (item.age_min && !(await age.asked(item))) return refuse(say("tooYoung", { title: item.title }));
  basket.add(item, times, from);
  sound.taken();
  tell(say("added", { title: item.title }), "ok");
  return true;
}

// Said, and shown at the scan field.
export function refuse(text) {
  const field = byId("scan-code");
  field.classList.add("is-refused");
  setTimeout(() => field.classList.remove("is-refused"), SHAKEN);
  tell(text);
  return false;
}
