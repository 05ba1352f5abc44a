// The queue to the server: whatever waits is posted until it is answered, in any order. What is
// stuck is shown as a task and never holds up the next.

import { NoAnswer, Refusal, ask, net } from "./till-api.js";
import * as book from "./till-book.js";
import { newId, token } from "./till-store.js";
import * as tasks from "./till-tasks.js";

const LANES = 4;
const LONGEST_PAUSE = 60_000;
const STUCK_PAUSE = 15 * 60_000;
const HEARTBEAT = 5000;
// A session is told before what happens in it, where both wait; the server takes any order.
const ORDER = ["session", "movement", "sale", "aborted", "parked", "closing"];
let device = null;
let running = null;
let again = false;
const watchers = [];

export const onPosted = (watcher) => watchers.push(watcher);
export const setDevice = (code) => (device = code);

export async function counts() {
  const all = await book.waiting();
  return {
    sales: all.filter((entry) => entry.kind === "sale").length,
    others: all.filter((entry) => entry.kind !== "sale").length,
    stuck: all.filter((entry) => entry.problem).length,
  };
}

// Post what is due; `now` also what would wait for its next turn.
export function flush({ now = false } = {}) {
  if (running) again = true;
  running ??= rounds(now).finally(() => (running = null));
  return running;
}

async function rounds(all) {
  do {
    again = false;
    let waiting = await book.waiting();
    let due = waiting.filter((entry) => entry.device === device && (all || entry.next_at <= Date.now()));
    due.sort((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind));
    for (;;) {
      const turn = due.filter((entry) => !follows(entry, waiting));
      if (!turn.length) break;
      due = due.filter((entry) => !turn.includes(entry));
      await Promise.all(Array.from({ length: LANES }, () => lane(turn)));
      if (due.length) waiting = await book.waiting();
    }
    dispatchEvent(new Event("till:queue"));
  } while (again && net.up && token.get());
}

// What gives something back comes after the sale that it gives back, while that waits, and a basket is
// taken up after it was parked; one that is stuck holds up nobody.
function follows({ id, body }, waiting) {
  if (id.startsWith("recall/")) return waiting.some((other) => other.id === id.replace("recall", "park") && !other.problem);
  const wanted = [body?.voids, ...(body?.returns ?? []).map((part) => part.order_ref)].filter(Boolean);
  const named = (other) => [other.id, book.numberShown(other.device, other.body?.receipt_number ?? 0)];
  const before = waiting.filter((other) => other.kind === "sale" && other.id !== id && !other.problem);
  return wanted.length > 0 && before.some((other) => named(other).some((name) => wanted.includes(name)));
}

// A lane takes the next one as long as somebody answers.
async function lane(due) {
  while (due.length && token.get()) {
    const entry = due.shift();
    if (!(await deliver(entry))) due.length = 0;
  }
}

// Returns whether it makes sense to go on with others.
async function deliver(entry) {
  try {
    const answer = await ask(entry.method, entry.path, entry.body);
    await book.posted(entry.id, answer);
    await tasks.ofAnswer(entry, answer);
    for (const watcher of watchers) watcher(entry, answer);
    return true;
  } catch (error) {
    if (error instanceof NoAnswer) {
      if (!error.reached) return false;
      await later(entry, Math.min(1000 * 2 ** entry.tries, LONGEST_PAUSE), entry.problem);
      return true;
    }
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 401) return false;
    return refused(entry, error);
  }
}

// The customer has the receipt: what the server would not have sold is booked as sold without it.
async function refused(entry, refusal) {
  if (entry.body?.offline === false) {
    const told = { ...entry, body: { ...entry.body, offline: true } };
    await book.change(told);
    return deliver(told);
  }
  await later(entry, STUCK_PAUSE, { code: refusal.code, title: refusal.message, facts: refusal.facts });
  await tasks.ofRefusal(entry, refusal);
  return true;
}

const later = (entry, pause, problem) =>
  book.change({ ...entry, tries: entry.tries + 1, next_at: Date.now() + pause, problem });

// Something for the server that is not a sale: kept first, posted at once or whenever it can be.
export async function send(kind, path, body, { id = newId(), method = "POST" } = {}) {
  await book.queue(id, kind, device, path, body, method);
  flush();
  return id;
}

export function start() {
  addEventListener("online", () => flush());
  setInterval(() => (token.get() ? flush() : null), HEARTBEAT);
}
