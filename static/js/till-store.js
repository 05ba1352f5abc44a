// What the till has in its hands: the basket and who serves. It survives a reload and a closed browser.
// What is sold stands in the database (till-book.js).

const PREFIX = "kontor.till.";
const KEPT = {
  lines: [], // {sku, title, unit_minor, quantity, label_minor?, lot?, discount?, age_checked?, agreed?}
  returns: [], // {order_ref, line_id, sku, title, quantity, amount_minor, …}
  selected: null,
  customer: null,
  code: null, // promotion code
  sale_id: null, // made with the first line, so that a sale counts once whatever happens
  started_at: null,
  send: null, // where lines with `home` go: {name, street, …, shipping_minor}
  from: null, // {hold_ref, basket_code, collection}: what the basket was before it came here
  old_enough: 0, // the highest age that somebody has proven in this sale
  too_young: 0, // the lowest age that nobody could prove in it
  refused: [], // {sku, age_min}: what was not sold for that
  card: null, // a card payment that nobody knows the end of yet
  shown: null, // sale_id of the receipt on the screen
  last: null, // sale_id of the last one
  person: null, // cashier's code
  active_at: 0, // when somebody last pressed something
  training: false,
  sound: true,
};

function load(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export const state = { quote: null, receipt: null, revision: 0 };
for (const [name, otherwise] of Object.entries(KEPT)) state[name] = load(name, otherwise);

const watchers = [];
export const onChange = (watcher) => watchers.push(watcher);

// keep({lines}): remember values, first on disk, then in memory, then on the screen; `quietly` where
// more follows at once.
export function keep(values, { quietly = false } = {}) {
  for (const [name, value] of Object.entries(values)) {
    if (name in KEPT) localStorage.setItem(PREFIX + name, JSON.stringify(value));
    state[name] = value;
  }
  if (!quietly) for (const watcher of watchers) watcher(state);
}

export const token = {
  get: () => localStorage.getItem(`${PREFIX}token`) ?? "",
  set: (value) => localStorage.setItem(`${PREFIX}token`, value),
  forget: () => localStorage.removeItem(`${PREFIX}token`),
};

// Safe contexts have randomUUID; a till on plain HTTP in the shop's own network has not.
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
