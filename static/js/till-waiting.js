// Scans are done one after the other, in the order scanned; whoever pays waits for the last one.

let queue = Promise.resolve(true);
let open = 0;

export const scanned = () => (open ? queue : Promise.resolve(true));

// Work that comes after everything that was scanned before. Returns what it comes to.
export function inTurn(work) {
  open += 1;
  queue = queue.then(work).finally(() => (open -= 1));
  return queue;
}
