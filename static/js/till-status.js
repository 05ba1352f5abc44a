// What the head of the screen says: whether there is a net, how many sales wait, what somebody has to
// look at, and whether this is practice.

import { net } from "./till-api.js";
import { exportAll } from "./till-export.js";
import * as outbox from "./till-outbox.js";
import { byId, hasWord, locale, piece, say } from "./till-page.js";
import { onChange, state } from "./till-store.js";
import * as tasks from "./till-tasks.js";

const stamp = new Intl.DateTimeFormat(locale, { dateStyle: "short", timeStyle: "short", timeZone: "Europe/Berlin" });

export async function draw() {
  const { sales } = await outbox.counts();
  const parts = [];
  if (!net.up) parts.push(say("noNet"));
  if (sales) parts.push(sales === 1 ? say("oneWaits") : say("manyWait", { count: sales }));
  byId("till-offline").hidden = parts.length === 0;
  byId("till-offline").dataset.net = net.up ? "up" : "down";
  byId("till-offline-text").textContent = parts.join(" · ");
  if (sales) byId("till-offline").dataset.short = say("waitShort", { count: sales });
  else delete byId("till-offline").dataset.short;
}

const words = ({ kind, facts }) => {
  const known = say(hasWord(`conflict_${kind}`) ? `conflict_${kind}` : "conflict_other");
  const about = [facts?.sku, facts?.customer_number].filter(Boolean).join(", ");
  return about ? `${known}: ${about}` : known;
};

function entryOf(task) {
  const entry = piece("task");
  entry.querySelector(".till__name").textContent = `${task.what} · ${stamp.format(new Date(task.at))}`;
  const text = task.conflicts ? task.conflicts.map(words).join("; ") : say("stuck", { why: task.title ?? task.kind });
  entry.querySelector(".till__detail").textContent = text;
  const button = entry.querySelector("button");
  button.textContent = say(task.kind === "stuck" ? "tryAgain" : "seen");
  button.addEventListener("click", async () => {
    if (task.kind === "stuck") await outbox.flush({ now: true });
    else await tasks.done(task.id);
    await drawTasks();
  });
  return entry;
}

async function drawTasks() {
  const all = await tasks.all();
  byId("tasks-open").hidden = all.length === 0;
  byId("tasks-count").textContent = all.length;
  byId("tasks-none").hidden = all.length > 0;
  byId("tasks-list").replaceChildren(...all.map(entryOf));
}

export function start() {
  for (const sign of ["till:net", "till:queue", "till:between"]) addEventListener(sign, draw);
  addEventListener("till:tasks", drawTasks);
  onChange(() => {
    byId("till-training").hidden = !state.training;
    document.documentElement.toggleAttribute("data-training", state.training);
  });
  byId("tasks-open").addEventListener("click", () => byId("tasks").showModal());
  byId("tasks-export").addEventListener("click", exportAll);
  byId("tasks-send").addEventListener("click", () => outbox.flush({ now: true }));
  draw();
  drawTasks();
}
