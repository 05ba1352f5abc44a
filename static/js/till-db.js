// The till's own database. A promise is kept when the disk has it, not before.

import { database, wanted } from "./till-database.js";

const STORES = {
  meta: null, // settings, cursor, counter, session: by name
  items: "sku",
  customers: "number",
  book: "sale_id", // every receipt this till has made
  outbox: "id", // what the server has not answered yet
  parked: "id",
  tasks: "id",
};

const till = database("kontor.till", 1, STORES, (store, name) => {
  if (name === "book") store.createIndex("number", "number", { unique: true });
  if (name === "book") store.createIndex("session_id", "session_id");
});

export { wanted };
export const { open, write, get, all, count, put, drop } = till;
export const meta = (key) => get("meta", key);
export const remember = (key, value) => put("meta", value, key);
export const last = (name, index) =>
  till.reading(name, (store) => store.index(index).openCursor(null, "prev")).then((cursor) => cursor?.value ?? null);
export const within = (name, index, value) => till.reading(name, (store) => store.index(index).getAll(value));
