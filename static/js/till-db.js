// The till's own database (IndexedDB). A promise is kept when the disk has it, not before.

const NAME = "kontor.till";
const VERSION = 1;
const STORES = {
  meta: null, // settings, cursor, counter, session: by name
  items: "sku",
  customers: "number",
  book: "sale_id", // every receipt this till has made
  outbox: "id", // what the server has not answered yet
  parked: "id",
  tasks: "id",
};
let opened = null;

function upgrade(database) {
  for (const [name, keyPath] of Object.entries(STORES)) {
    if (database.objectStoreNames.contains(name)) continue;
    const store = database.createObjectStore(name, keyPath ? { keyPath } : undefined);
    if (name === "book") store.createIndex("number", "number", { unique: true });
    if (name === "book") store.createIndex("session_id", "session_id");
  }
}

export function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, VERSION);
    asked.onupgradeneeded = () => upgrade(asked.result);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

export const wanted = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

// One transaction: work(stores) may only await requests of these stores. Kept once this resolves.
export async function write(names, work) {
  const database = await open();
  const transaction = database.transaction(names, "readwrite", { durability: "strict" });
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
  });
  // The reason is told by whoever waits below.
  done.catch(() => {});
  let result;
  try {
    const stores = Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)]));
    result = await work(stores);
  } catch (error) {
    try {
      transaction.abort();
    } catch {
      // It is aborted already.
    }
    throw error;
  }
  await done;
  return result;
}

async function reading(name, ask) {
  const database = await open();
  return wanted(ask(database.transaction(name).objectStore(name)));
}

export const get = (name, key) => reading(name, (store) => store.get(key));
export const all = (name) => reading(name, (store) => store.getAll());
export const count = (name) => reading(name, (store) => store.count());
export const put = (name, value, key) => write([name], (stores) => void stores[name].put(value, key));
export const drop = (name, key) => write([name], (stores) => void stores[name].delete(key));
export const meta = (key) => get("meta", key);
export const remember = (key, value) => put("meta", value, key);
export const last = (name, index) =>
  reading(name, (store) => store.index(index).openCursor(null, "prev")).then((cursor) => cursor?.value ?? null);
export const within = (name, index, value) => reading(name, (store) => store.index(index).getAll(value));
