// Sales that wait for their customer: parked on this till, seen by every till of the store.

import { NoAnswer, get, inPath, net, remove } from "./till-api.js";
import * as basket from "./till-basket.js";
import { now } from "./till-clock.js";
import * as db from "./till-db.js";
import { device } from "./till-device.js";
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

// Those of this till, and those of the others as far as somebody answers.
async function everywhere() {
  const mine = await db.all("parked");
  if (!net.up) return mine;
  try {
    const { parked } = await get("/parked");
    const others = parked
      .filter(({ device: code }) => code !== device().code)
      .map(({ parked_id, ...rest }) => ({ ...rest, id: parked_id, foreign: true }));
    return [...mine, ...others];
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
}

// One till gets it: another one's is asked for, our own is ours, and the server is told.
async function recall(one) {
  if (!basket.isEmpty()) await park();
  if (one.foreign) {
    try {
      await remove(`/parked/${inPath(one.id)}`);
    } catch (error) {
      byId("parked").close();
      tell(error instanceof NoAnswer ? say("offline") : say("parkedGone"));
      return;
    }
  } else {
    await db.drop("parked", one.id);
    await outbox.send("parked", `/parked/${inPath(one.id)}`, null, { id: `recall/${one.id}`, method: "DELETE" });
  }
  const { total_minor, ...rest } = one.document;
  basket.refill(rest);
  byId("parked").close();
  draw();
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
