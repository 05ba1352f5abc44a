// A database on the device (IndexedDB) by its name. A promise is kept when the disk has it, not before.

export const wanted = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

// stores: name → key path, or null where the key is given beside the value.
// made(store, name): adds the indexes of a new one.
export function database(name, version, stores, made = () => {}) {
  let opened = null;

  function upgrade(found) {
    for (const [each, keyPath] of Object.entries(stores)) {
      if (found.objectStoreNames.contains(each)) continue;
      made(found.createObjectStore(each, keyPath ? { keyPath } : undefined), each);
    }
  }

  function open() {
    opened ??= new Promise((resolve, reject) => {
      const asked = indexedDB.open(name, version);
      asked.onupgradeneeded = () => upgrade(asked.result);
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
    return opened;
  }

  // One transaction: work(stores) may only await requests of these stores. Kept once this resolves.
  async function write(names, work) {
    const found = await open();
    const transaction = found.transaction(names, "readwrite", { durability: "strict" });
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
    });
    // The reason is told by whoever waits below.
    done.catch(() => {});
    let result;
    try {
      result = await work(Object.fromEntries(names.map((each) => [each, transaction.objectStore(each)])));
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

  async function reading(each, ask) {
    const found = await open();
    return wanted(ask(found.transaction(each).objectStore(each)));
  }

  return {
    open,
    write,
    reading,
    get: (each, key) => reading(each, (store) => store.get(key)),
    all: (each) => reading(each, (store) => store.getAll()),
    count: (each) => reading(each, (store) => store.count()),
    put: (each, value, key) => write([each], (found) => void found[each].put(value, key)),
    drop: (each, key) => write([each], (found) => void found[each].delete(key)),
  };
}
