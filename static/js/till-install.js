// The till as an application: it starts without net (service worker), asks the browser to keep its
// data, and takes a new version only between two sales.

import { byId, say, viewIs } from "./till-page.js";
import * as basket from "./till-basket.js";

const LEAST_BYTES = 200 * 1024 * 1024;
const CHECK = 10 * 60_000;
let fresh = null;
let prompt = null;

// Why this window can't be a till, or null. A window that forgets everything would lose sales.
export async function unfit() {
  if (!window.isSecureContext) return "notSecure";
  if (!navigator.serviceWorker || !window.indexedDB || !navigator.storage?.estimate) return "privateWindow";
  try {
    const { quota } = await navigator.storage.estimate();
    if (quota < LEAST_BYTES) return "privateWindow";
    await navigator.storage.getDirectory?.();
  } catch {
    return "privateWindow";
  }
  return null;
}

async function keepData() {
  const kept = (await navigator.storage.persisted()) || (await navigator.storage.persist());
  byId("till-kept").hidden = byId("sign-in-kept").hidden = kept;
}

// Between sales: nothing in the basket, no receipt that somebody still reads.
const between = () => basket.isEmpty() && viewIs("sale") && !document.querySelector("dialog[open]");

function offer(worker) {
  fresh = worker;
  byId("update").hidden = !fresh;
}

function update() {
  if (fresh && between()) fresh.postMessage("take over");
}

async function register() {
  const page = byId("till").dataset;
  const registration = await navigator.serviceWorker.register(page.worker, { scope: page.scope, updateViaCache: "none" });
  if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker.addEventListener("statechange", () => {
      if (worker.state === "installed" && navigator.serviceWorker.controller) offer(worker);
    });
  });
  setInterval(() => registration.update().catch(() => {}), CHECK);
}

// The first worker takes over a page that is as new as itself; every later one brings a new page.
function startWithNewVersion() {
  let controlled = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (controlled) location.reload();
    controlled = true;
  });
}

export function start() {
  startWithNewVersion();
  register().catch(reportError);
  keepData().catch(() => {});
  byId("update").addEventListener("click", update);
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    prompt = event;
    byId("install").hidden = false;
  });
  byId("install").addEventListener("click", async () => {
    await prompt?.prompt();
    byId("install").hidden = true;
    keepData();
  });
  byId("till-kept").addEventListener("click", () => {
    byId("kept-text").textContent = say("keepAdvice");
    byId("kept").showModal();
  });
}
