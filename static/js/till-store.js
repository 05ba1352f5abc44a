// What the till knows. Basket, pending sale and last receipt survive a reload and a closed browser.

const PREFIX = "kontor.till.";
const KEPT = { lines: [], selected: null, customer: null, pending: null, receipt: null, last: null, sound: true };

function load(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export const state = { quote: null, revision: 0 };
for (const [name, otherwise] of Object.entries(KEPT)) state[name] = load(name, otherwise);

const watchers = [];
export const onChange = (watcher) => watchers.push(watcher);

// keep({pending}): remember values, first on disk, then in memory, then on the screen.
export function keep(values) {
  for (const [name, value] of Object.entries(values)) {
    if (name in KEPT) localStorage.setItem(PREFIX + name, JSON.stringify(value));
    state[name] = value;
  }
  for (const watcher of watchers) watcher(state);
}

export const token = {
  get: () => localStorage.getItem(`${PREFIX}token`) ?? "",
  set: (value) => localStorage.setItem(`${PREFIX}token`, value),
  forget: () => localStorage.removeItem(`${PREFIX}token`),
};
