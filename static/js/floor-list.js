// The list of a place: what this device has not told yet is told from here, too. The next jobs are
// kept with their pages, so that one can be taken and packed where there is no network.

import { waiting } from "./floor-outbox.js";
import { begin, keepPages, refuse, words } from "./floor-page.js";
import { take } from "./floor-take.js";

const NEXT = 3;
const forms = () => [...document.querySelectorAll('form[data-does="take"]')];

function keepNext() {
  const next = forms().slice(0, NEXT);
  keepPages(next.flatMap(({ dataset }) => [dataset.page, dataset.pack].filter(Boolean)));
}

// A job that waits on this device says so, however old the list is.
async function mark() {
  const jobs = new Set((await waiting()).map((step) => step.job));
  for (const form of forms().filter((each) => jobs.has(each.dataset.job))) {
    const badge = form.querySelector(".badge");
    if (badge) badge.textContent = words.onDevice;
  }
}

let taking = false;
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.dataset.does !== "take") return;
  event.preventDefault();
  if (taking) return;
  taking = true;
  const jobs = new Set((await waiting()).map((step) => step.job));
  const outcome = jobs.has(form.dataset.job) ? "kept" : await take(form);
  taking = false;
  if (outcome === "unknown") refuse(words.notKept);
  else location.assign(form.dataset.page);
});

await begin({ offline: mark });
keepNext();
await mark();
