// A till session: from the float in the drawer to the count that nobody was told the answer of.
// Opened, moved and closed on the device; the server books it whenever it hears of it.

import { NoAnswer, Refusal, get, inPath, net } from "./till-api.js";
import * as book from "./till-book.js";
import { now } from "./till-clock.js";
import * as db from "./till-db.js";
import { device } from "./till-device.js";
import * as outbox from "./till-outbox.js";
import { newId, state } from "./till-store.js";

let open = null;
export const current = () => open;

const key = () => `session/${device().code}`;
const told = () => dispatchEvent(new Event("till:session"));

async function put(session) {
  open = session;
  await db.remember(key(), session);
  told();
}

// What the server knows of counts only where this device knows of none: a wiped till goes on.
export async function load() {
  open = (await db.meta(key())) ?? null;
  const theirs = device().session;
  if (!open && theirs && (await db.meta(`${key()}/closed`)) !== theirs.session_id) {
    await put({ ...theirs, movements: [] });
  }
  told();
}

// The session that a file of this till was made in goes on, with the money that was moved in it.
export async function resume(found) {
  if (!found || (open && open.session_id !== found.session_id)) return;
  if ((await db.meta(`${key()}/closed`)) === found.session_id) return;
  const here = open?.movements ?? [];
  const missing = (found.movements ?? []).filter((one) => !here.some((each) => each.movement_id === one.movement_id));
  await put({ ...found, movements: [...here, ...missing] });
}

export async function begin(openingMinor) {
  const session = { session_id: newId(), opened_at: now().toISOString(), opening_minor: openingMinor };
  await put({ ...session, cashier: state.person, movements: [] });
  const facts = { ...session, cashier: state.person, offline: !net.up };
  await outbox.send("session", "/sessions", facts, { id: session.session_id });
}

// kind: deposit, payout, bank or tip; the sign says which way the money goes.
export async function move(kind, amountMinor, reason) {
  const movement = { movement_id: newId(), kind, amount_minor: amountMinor, reason, moved_at: now().toISOString() };
  await put({ ...open, movements: [...open.movements, movement] });
  const body = { ...movement, session_id: open.session_id, cashier: state.person };
  await outbox.send("movement", "/cash-movements", body, { id: movement.movement_id });
}

// The counted drawer, before anybody has seen what should be in it. Returns the report.
export async function close(countedMinor, counts) {
  const closed = open;
  const mine = await report();
  const body = {
    counted_minor: countedMinor,
    counts,
    cashier: state.person,
    closed_at: now().toISOString(),
    last_receipt_number: await book.lastNumber(device().code),
  };
  await db.remember(`${key()}/closed`, closed.session_id);
  await put(null);
  const path = `/sessions/${inPath(closed.session_id)}/closing`;
  await outbox.send("closing", path, body, { id: `closing/${closed.session_id}` });
  const expected = mine.cash_expected_minor;
  return { ...mine, cash_counted_minor: countedMinor, difference_minor: countedMinor - expected };
}

const sum = (list, of) => list.reduce((total, each) => total + of(each), 0);

// The till's own X report, from its book; the same sums that the server comes to.
export async function report(session = open) {
  const receipts = (await book.ofSession(session.session_id)).filter((receipt) => !receipt.training);
  const methods = new Map();
  for (const { method, amount_minor } of receipts.flatMap((receipt) => receipt.tenders)) {
    methods.set(method, (methods.get(method) ?? 0) + amount_minor);
  }
  const numbers = receipts.map((receipt) => receipt.receipt_number).sort();
  const moved = sum(session.movements ?? [], (movement) => movement.amount_minor);
  return {
    session_id: session.session_id,
    opened_at: session.opened_at,
    opening_minor: session.opening_minor,
    receipts: { first: numbers[0] ?? null, last: numbers.at(-1) ?? null, count: numbers.length },
    sales_minor: sum(receipts, (receipt) => receipt.total_minor),
    returns_minor: sum(receipts, (receipt) => receipt.refund_minor),
    total_minor: sum(receipts, (receipt) => receipt.due_minor),
    by_method: [...methods].map(([method, amount_minor]) => ({ method, amount_minor })),
    movements_minor: moved,
    cash_expected_minor: session.opening_minor + (methods.get("cash") ?? 0) + moved,
    waiting: receipts.filter((receipt) => receipt.state === "waiting").length,
  };
}

// The server's report in the shape of our own; null while nobody answers.
export async function theirs(sessionId) {
  if (!net.up) return null;
  try {
    const found = await get(`/sessions/${inPath(sessionId)}`);
    const named = (number) => number && book.numberShown(device().code, number);
    const { first, last, count } = found.receipts;
    const moved = sum(found.cash_movements, (movement) => movement.amount_minor);
    return { ...found, receipts: { first: named(first), last: named(last), count }, movements_minor: moved };
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof Refusal) return null;
    throw error;
  }
}
