// What somebody has to look at: a sale that the server books otherwise, or does not take. Kept until
// a person has put it away.

import { now } from "./till-clock.js";
import * as db from "./till-db.js";

const told = () => dispatchEvent(new Event("till:tasks"));

export const all = async () =>
  (await db.all("tasks")).sort((one, other) => (one.at < other.at ? 1 : -1));

export async function add(task) {
  await db.put("tasks", { at: now().toISOString(), ...task });
  told();
}

export async function done(id) {
  await db.drop("tasks", id);
  told();
}

// The server has booked a sale, but not as the till thought.
export async function ofAnswer(entry, answer) {
  await db.drop("tasks", `stuck/${entry.id}`);
  const conflicts = answer?.conflicts ?? [];
  if (!conflicts.length) return told();
  return add({
    id: `conflict/${entry.id}`,
    kind: "conflict",
    sale_id: entry.id,
    what: answer.receipt_number ?? entry.id,
    conflicts,
  });
}

export const ofRefusal = (entry, refusal) =>
  add({
    id: `stuck/${entry.id}`,
    kind: "stuck",
    sale_id: entry.id,
    what: entry.body.receipt_number ? `${entry.device} ${entry.body.receipt_number}` : entry.kind,
    code: refusal.code,
    title: refusal.message,
  });
