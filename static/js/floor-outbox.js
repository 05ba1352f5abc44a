// What was done on the floor and the server has not answered yet: kept on the device under a key of
// its own, said again until it is answered. The same key counts once (fulfilment/outbound/steps.py).

import { database } from "./till-database.js";
import { newId } from "./till-store.js";

const AT_ONCE = 50;
const EVERY = 3000;
const store = database("kontor.floor", 2, { steps: "key", refused: "key" });
const root = document.getElementById("pick");
const said = JSON.parse(root.dataset.words);
const lost = new Set();
let running = null;
let last = 0;

const inOrder = (steps) => steps.sort((one, other) => one.at - other.at);

// A phone goes from hand to hand: each person's steps wait until that person is signed in again.
const mine = (step) => step.who === root.dataset.who;
export const waiting = async () => inOrder((await store.all("steps")).filter(mine));
export const refusedSteps = async () => inOrder((await store.all("refused")).filter(mine));

export async function forgetRefused() {
  for (const { key } of await refusedSteps()) await store.drop("refused", key);
}

// {job, what, code, lot, parcels, named}: keep a step first, tell it then; `named` is what a person
// calls it. Steps of the same millisecond stay in their order.
export async function keep(step) {
  last = Math.max(last + 1, Date.now());
  await store.put("steps", { ...step, key: newId(), at: last, who: root.dataset.who });
  flush();
}

const say = (state, facts = {}) => dispatchEvent(new CustomEvent("floor:queue", { detail: { state, ...facts } }));

async function post(steps) {
  const answer = await fetch(root.dataset.steps, {
    method: "POST",
    redirect: "manual",
    headers: { "Content-Type": "application/json", "X-CSRFToken": root.dataset.token, Accept: "application/json" },
    body: JSON.stringify({
      steps: steps.map(({ key, job, what, code, lot, parcels }) => ({ key, job, what, code, lot, parcels })),
    }),
  });
  return answer;
}

// Somebody else was faster: what was done with that job here goes back on the shelf, in one line.
async function refused(step, words) {
  if (lost.has(step.job)) return;
  if (step.what !== "take") return store.put("refused", { ...step, words });
  lost.add(step.job);
  const others = (await waiting()).filter((each) => each.job === step.job && each.key !== step.key);
  for (const { key } of others) await store.drop("steps", key);
  await store.put("refused", { ...step, words: others.length ? `${words} ${said.putBack}` : words });
}

async function round() {
  for (;;) {
    const steps = (await waiting()).slice(0, AT_ONCE);
    if (!steps.length) return say("empty");
    let answer;
    try {
      answer = await post(steps);
    } catch {
      return say("offline", { count: (await waiting()).length });
    }
    // Signed out, or the page is older than its session: a person has to look; nothing is lost.
    if (answer.type === "opaqueredirect" || answer.status === 400 || answer.status === 403) {
      return say("locked", { count: steps.length });
    }
    if (!answer.ok) return say("offline", { count: steps.length });
    for (const { key, state: outcome, ...told } of (await answer.json()).answers) {
      const step = steps.find((each) => each.key === key);
      if (step && outcome === "refused") await refused(step, told.words);
      await store.drop("steps", key);
      if (step && !(lost.has(step.job) && step.what !== "take")) say("answered", { step, outcome, ...told, rest: (await waiting()).length });
    }
  }
}

export function flush() {
  running ??= round()
    .catch((error) => reportError(error))
    .finally(() => (running = null));
  return running;
}

export function start() {
  addEventListener("online", flush);
  setInterval(async () => (await store.count("steps")) && flush(), EVERY);
  flush();
}
