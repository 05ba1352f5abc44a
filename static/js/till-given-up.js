// What was begun and is not bought is recorded, as the law wants it: a basket that is emptied, and
// what nobody was old enough for. Practice is not.

import * as basket from "./till-basket.js";
import { now } from "./till-clock.js";
import { documentOf } from "./till-document.js";
import * as outbox from "./till-outbox.js";
import { newId, state } from "./till-store.js";

const send = (facts) => outbox.send("aborted", "/sales", { ...facts, aborted: true }, { id: facts.sale_id });

function begun(quote) {
  const { returns, send: address, shipping_minor, ...facts } = documentOf(quote, [], now().toISOString());
  return { ...facts, lines: facts.lines.map(({ home, ...line }) => line) };
}

export async function giveUp() {
  if (state.sale_id && state.lines.length && !state.training) {
    await send(begun(state.quote));
    return basket.leave();
  }
  return basket.empty();
}

// An article that nobody gets, without a sale that it could stand with.
export function recordRefusal(skus) {
  if (state.training) return null;
  const { started_at, ...facts } = begun({ lines: [] });
  const at = started_at ?? facts.sold_at;
  return send({ ...facts, sale_id: state.sale_id ?? newId(), started_at: at, age_refused: skus });
}

// Line by line: nothing is left, and nobody has bought anything. A sale has told it itself.
function emptied() {
  if (state.refused.length) recordRefusal(state.refused.map(({ sku }) => sku));
}

export const start = () => addEventListener("till:emptied", emptied);
