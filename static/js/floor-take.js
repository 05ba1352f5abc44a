// Taking a job: the server says whose it is; where no network answers, it is kept like any other step
// and asked when there is one. Until then somebody else may be faster, and the page says so.

import { keep } from "./floor-outbox.js";

const PATIENCE = 2500;
const FAULT = 500;

async function asked(form) {
  if (!navigator.onLine) throw new Error("offline");
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (answer.status >= FAULT) throw new Error(String(answer.status));
}

// "asked": its page knows the answer; "kept": without a network, on this device; "unknown": neither,
// because this device does not have the page.
export async function take(form) {
  const { job, named, page } = form.dataset;
  const button = form.querySelector("button");
  button.setAttribute("aria-busy", "true");
  try {
    await asked(form);
    return "asked";
  } catch {
    if (!(await caches.match(page, { ignoreVary: true }))) return "unknown";
    await keep({ job, what: "take", code: "", lot: null, named });
    return "kept";
  } finally {
    button.removeAttribute("aria-busy");
  }
}
