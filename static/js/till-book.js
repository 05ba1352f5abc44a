// The till's own book: every receipt with its number. A sale is made when it stands here.

import * as db from "./till-db.js";

const counter = (device) => `counter/${device}`;
export const numberShown = (device, number) => `${device}-${String(number).padStart(6, "0")}`;

// A new or wiped till goes on behind the last number that the server knows of it.
export const continueFrom = (device, known) =>
  db.write(["meta"], async ({ meta }) => {
    const here = (await db.wanted(meta.get(counter(device)))) ?? 0;
    if (known > here) meta.put(known, counter(device));
  });

export const lastNumber = async (device) => (await db.meta(counter(device))) ?? 0;

// Take the next number, write the receipt and put its document into the queue: all of it or nothing.
// The same sale once more changes nothing and gets the receipt that it has already.
export const append = (device, receipt, path, body) =>
  db.write(["meta", "book", "outbox"], async ({ meta, book, outbox }) => {
    const known = await db.wanted(book.get(receipt.sale_id));
    if (known) return known;
    const number = ((await db.wanted(meta.get(counter(device)))) ?? 0) + 1;
    const whole = {
      ...receipt,
      device,
      number: `${device}/${number}`,
      receipt_number: numberShown(device, number),
      state: "waiting",
      answer: null,
    };
    meta.put(number, counter(device));
    book.add(whole);
    outbox.add(entry(receipt.sale_id, "sale", device, path, { ...body, receipt_number: number }));
    return whole;
  });

export function entry(id, kind, device, path, body, method = "POST") {
  return { id, kind, device, method, path, body, tries: 0, next_at: 0, problem: null };
}

// Anything else that has to reach the server some time: a session, money in and out, a parked sale.
export const queue = (id, kind, device, path, body, method) =>
  db.put("outbox", entry(id, kind, device, path, body, method));

// The server has it: the document leaves the queue, the receipt keeps what was answered.
export const posted = (id, answer) =>
  db.write(["book", "outbox"], async ({ book, outbox }) => {
    outbox.delete(id);
    const receipt = await db.wanted(book.get(id));
    if (receipt) book.put({ ...receipt, state: "posted", answer });
  });

// What a file has kept of this till: its receipts and what was still to be posted. Nothing that stands
// here already is written anew. Returns how many documents go on their way again.
export const restore = (device, { receipts, waiting }) =>
  db.write(["meta", "book", "outbox"], async ({ meta, book, outbox }) => {
    let last = (await db.wanted(meta.get(counter(device)))) ?? 0;
    for (const receipt of receipts) {
      last = Math.max(last, Number(receipt.number?.split("/").at(-1)) || 0);
      const known = await db.wanted(book.get(receipt.sale_id));
      // Another receipt may have taken the number meanwhile; the server books both, and somebody looks.
      const taken = known || (await db.wanted(book.index("number").get(receipt.number)));
      if (!taken) book.add(receipt);
    }
    let added = 0;
    for (const { id, kind, method, path, body } of waiting) {
      const posted = (await db.wanted(book.get(id)))?.state === "posted";
      if (posted || (await db.wanted(outbox.get(id)))) continue;
      outbox.add(entry(id, kind, device, path, body, method));
      added += 1;
    }
    meta.put(last, counter(device));
    return added;
  });

export const change = (entry) => db.put("outbox", entry);
export const receipt = (saleId) => db.get("book", saleId);
export const ofSession = (sessionId) => db.within("book", "session_id", sessionId);
export const receipts = () => db.all("book");
export const waiting = () => db.all("outbox");

// Receipts that are booked and older than this many days make room.
export const clean = (before) =>
  db.write(["book"], async ({ book }) => {
    for (const receipt of await db.wanted(book.getAll())) {
      if (receipt.state === "posted" && receipt.sold_at < before) book.delete(receipt.sale_id);
    }
  });
