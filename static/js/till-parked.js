// Sales that wait for their customer: parked on this till, seen by every till of the store.

import { NoAnswer, get, inPath, net, remove } from "./till-api.js";
import * as basket from "./till-basket.js";
import * as book from "./till-book.js";
import { now } from "./till-clock.js";
import * as db from "./till-db.js";
import * as outbox from "./till-outbox.js";
import { byId, locale, money, piece, say, tell } from "./till-page.js";
import { newId, state } from "./till-store.js";

const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Berlin" });

async function park() {
  if (basket.isEmpty()) return;
  const { lines, returns, customer, code, old_enough, too_young, refused, send, from, quote } = state;
  const age = { old_enough, too_young, refused };
  const parked = {
    id: newId(),
    name: customer?.name ?? lines[0]?.title ?? "",
    parked_at: now().toISOString(),
    document: { lines, returns, customer, code, ...age, send, from, total_minor: quote?.due_minor ?? 0 },
  };
  await db.put("parked", parked);
  basket.leave();
  tell(say("parked", { name: parked.name }), "ok");
  const { id, name, document } = parked;
  await outbox.send("parked", "/parked", { parked_id: id, name, document, cashier: state.person }, { id: `park/${id}` });
  draw();
}

// Those of this till, and those that the server knows as far as it answers: of the others, and of
// this one before it lost its memory. What another till has taken up is no longer ours.
async function everywhere() {
  const mine = await db.all("parked");
  if (!net.up) return mine;
  try {
    // Looked at before the question: what is on its way only now is not gone.
    const waiting = new Set((await book.waiting()).map(({ id }) => id));
    const { parked } = await get("/parked");
    const known = new Set(parked.map(({ parked_id }) => parked_id));
    const here = mine.filter(({ id }) => known.has(id) || waiting.has(`park/${id}`));
    for (const one of mine) if (!here.includes(one)) await db.drop("parked", one.id);
    const others = parked
      .filter(({ parked_id: id }) => !waiting.has(`recall/${id}`) && !here.some((one) => one.id === id))
      .map(({ parked_id, ...rest }) => ({ ...rest, id: parked_id, foreign: true }));
    return [...here, ...others];
  } catch {
    return mine;
  }
}

async function open() {
  const all = await everywhere();
  byId("parked-none").hidden = all.length > 0;
  byId("parked-list").replaceChildren(
    ...all.map((one) => {
      const entry = piece("parked");
      entry.querySelector(".till__name").textContent = one.name;
      entry.querySelector(".till__detail").textContent = clock.format(new Date(one.parked_at));
      entry.querySelector(".num").textContent = money(one.document.total_minor);
      entry.querySelector("button").addEventListener("click", () => recall(one));
      return entry;
    }),
  );
  byId("parked").showModal();
  draw();
}

// One till gets it: the server says which. Without a net our own is ours, and the server is told.
async function claim({ id, foreign }) {
  const path = `/parked/${inPath(id)}`;
  try {
    const untold = (await book.waiting()).some((entry) => entry.id === `park/${id}`);
    if (untold || (!net.up && !foreign)) throw new NoAnswer(false);
    await remove(path);
  } catch (error) {
    if (!(error instanceof NoAnswer)) {
      if (error.status === 404) await db.drop("parked", id);
      return error.status === 404 ? say("parkedGone") : error.message;
    }
    if (foreign) return say("offline");
    await outbox.send("parked", path, null, { id: `recall/${id}`, method: "DELETE" });
  }
  await db.drop("parked", id);
  return null;
}

async function recall(one) {
  if (!basket.isEmpty()) await park();
  const refused = await claim(one);
  byId("parked").close();
  draw();
  if (refused) return tell(refused);
  const { total_minor, ...rest } = one.document;
  return basket.refill(rest);
}

async function draw() {
  const count = (await db.all("parked")).length;
  byId("parked-count").textContent = count || "";
  byId("parked-count").hidden = !count;
}

export function start() {
  byId("park").addEventListener("click", park);
  byId("parked-open").addEventListener("click", open);
  draw();
}
