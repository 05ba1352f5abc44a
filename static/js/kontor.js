// Every page: guard against a second press, dialogs, keys, quantities, toasts, swapped fragments.

// A form is sent once. Its button says so, in words where the form has data-busy, and comes back when
// the page is shown again or when nothing has come for so long that somebody has stopped it.
const PATIENCE = 20000;
const SAID_AFTER = 600;
const SEND_AFTER = 250;

function hold(form, button) {
  form.dataset.sent = "1";
  button?.setAttribute("aria-busy", "true");
  const label = form.dataset.busy && button?.querySelector(":scope > span");
  if (label) {
    button.dataset.label ??= label.textContent;
    label.textContent = form.dataset.busy;
  }
  setTimeout(() => sayBusy(form), SAID_AFTER);
  setTimeout(() => release(form, button), PATIENCE);
}

function sayBusy(form) {
  const toasts = document.getElementById("toasts");
  if (form.dataset.sent && toasts?.dataset.busy) tell(form.dataset.busy ?? toasts.dataset.busy);
}

// Read out, not shown.
function tell(text) {
  if (!text) return;
  const said = document.createElement("p");
  said.className = "sr";
  said.textContent = text;
  document.getElementById("toasts")?.append(said);
}

function release(form, button) {
  delete form.dataset.sent;
  if (!button) return;
  button.removeAttribute("aria-busy");
  if (button.dataset.label) button.querySelector(":scope > span").textContent = button.dataset.label;
  delete button.dataset.label;
}

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const form = event.target;
  if (form.method === "dialog" || form.dataset.again !== undefined) return;
  if (form.dataset.sent) event.preventDefault();
  else hold(form, event.submitter);
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    for (const button of form.elements) {
      if (button.hasAttribute("aria-busy")) release(form, button);
    }
    release(form);
  }
});

// A form without an address of its own is answered on its page. Who comes back to the answer is shown the
// page again, instead of being asked by the browser whether to send the form once more.
if (document.querySelector("main form[method=post]:not([action])")) history.replaceState(history.state, "");

// <button data-dialog="ID"> opens, data-close closes.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.dialog)?.showModal();
  }
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement) event.target.close();
});

// data-key="F2" on anything that can be pressed or typed into. No single letters while typing.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input, textarea, select");
  if (typing && event.key.length === 1) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target || target.disabled) return;
  event.preventDefault();
  if (target.matches("input, textarea, select")) target.focus();
  else target.click();
});

// A quantity with two keys; the typed number always wins and is kept within its limits.
document.addEventListener("click", (event) => {
  const key = event.target.closest("[data-step]");
  if (!key) return;
  const count = key.closest("[data-stepper]").querySelector("input");
  const before = count.value;
  if (Number(key.dataset.step) > 0) count.stepUp();
  else count.stepDown();
  if (count.value !== before) count.dispatchEvent(new Event("change", { bubbles: true }));
});

// Toasts leave by themselves, unless they hold something to press.
function fadeToasts(root = document) {
  for (const toast of root.querySelectorAll(".toast")) {
    const wait = toast.querySelector("a, button") ? 12000 : 5000;
    setTimeout(() => toast.remove(), wait);
  }
}
fadeToasts();

// <form data-swap="basket basket-link">: sent in the background; the elements with these ids are
// taken from the page that comes back. The server needs to know nothing of it.
function swap(page, ids, done) {
  for (const id of ids) {
    const fresh = page.getElementById(id);
    if (fresh) document.getElementById(id)?.replaceWith(document.adoptNode(fresh));
  }
  // Who listens is told by this element as long as it stays: one that is replaced is not read out.
  const toasts = document.getElementById("toasts");
  toasts?.replaceChildren(...(page.getElementById("toasts")?.childNodes ?? []));
  if (done) for (const id of ids) tell(document.getElementById(id)?.dataset.say);
  fadeToasts(toasts ?? document);
}

// Whoever works by keyboard goes on where they were: in the field that is wrong, else at what they have
// pressed, else where its form says (data-then), else at the beginning of what is new.
function goOn(wrong, ids) {
  if (wrong) wrong.focus();
  for (const place of ids.filter(Boolean).map((id) => document.getElementById(id))) {
    if (document.activeElement !== document.body) return;
    const shown = place?.checkVisibility() ? place : place?.closest("details")?.querySelector("summary");
    shown?.focus({ preventScroll: true });
  }
}

async function send(form, submitter) {
  const body = new FormData(form, submitter);
  const ids = form.dataset.swap.split(" ");
  // A button without the attribute answers with the page's own address.
  const own = submitter?.hasAttribute("formaction");
  const answer = await fetch(own ? submitter.formAction : form.action, {
    method: "POST",
    body: new URLSearchParams(body),
    headers: { Accept: "text/html" },
  });
  const type = answer.headers.get("content-type") ?? "";
  const home = new URL(answer.url).pathname === location.pathname;
  if (answer.redirected && !home) {
    location.assign(answer.url);
    return;
  }
  const page = type.includes("text/html")
    ? new DOMParser().parseFromString(await answer.text(), "text/html")
    : null;
  // A refusal whose words stand in what is taken over is taken over; any other belongs on its own page:
  // the form is sent the plain way.
  const problem = (root) =>
    answer.status >= 400
      ? ids.map((id) => root.querySelector(`#${id} :is([aria-invalid=true], [role=alert])`)).find(Boolean)
      : null;
  if (!page || (answer.status >= 400 && !problem(page))) {
    HTMLFormElement.prototype.submit.call(form);
    return;
  }
  const held = document.activeElement;
  const field = form.querySelector("[id]");
  swap(page, ids, answer.ok);
  if (held?.isConnected) return;
  goOn(problem(document), [held?.id, ...(form.dataset.then ?? "").split(" "), field?.id, ids[0]]);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.dataset.swap === undefined) return;
  event.preventDefault();
  // What is shown is the state before: it says so until the new one is there.
  const regions = form.dataset.swap.split(" ").map((id) => document.getElementById(id));
  for (const region of regions) region?.setAttribute("aria-busy", "true");
  send(form, event.submitter)
    .catch(() => HTMLFormElement.prototype.submit.call(form))
    .finally(() => {
      for (const region of regions) region?.removeAttribute("aria-busy");
      release(form, event.submitter);
    });
});

// <input data-send>: a change sends its form (the quantity in the basket). Three quick presses are one
// question; what is pressed while an answer is on its way is asked after it, of the fresh field.
const waiting = new Map();

function sendSoon(field) {
  clearTimeout(waiting.get(field.id));
  waiting.set(field.id, setTimeout(() => {
    const shown = document.getElementById(field.id);
    if (!shown?.form) return;
    if (shown !== field) shown.value = field.value;
    if (shown.form.dataset.sent) sendSoon(shown);
    else shown.form.requestSubmit();
  }, SEND_AFTER));
}
document.addEventListener("change", (event) => {
  if (event.target.dataset.send !== undefined) sendSoon(event.target);
});
