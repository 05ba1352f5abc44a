// Every page: guard against a second press, dialogs, keys, quantities, toasts, swapped fragments.

// A form is sent once. The button says so and comes back when the page is shown again.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const form = event.target;
  if (form.method === "dialog" || form.dataset.again !== undefined) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const busy of document.querySelectorAll("[aria-busy]")) busy.removeAttribute("aria-busy");
});

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
export function fadeToasts(root = document) {
  for (const toast of root.querySelectorAll(".toast")) {
    const wait = toast.querySelector("a, button") ? 12000 : 5000;
    setTimeout(() => toast.remove(), wait);
  }
}
fadeToasts();

// <form data-swap="basket basket-link">: sent in the background; the elements with these ids are
// taken from the page that comes back. The server needs to know nothing of it.
export async function swapFrom(response, ids) {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const id of [...ids, "toasts"]) {
    const fresh = page.getElementById(id);
    const stale = document.getElementById(id);
    if (fresh && stale) stale.replaceWith(document.adoptNode(fresh));
  }
  fadeToasts(document.getElementById("toasts"));
}

async function send(form, submitter) {
  const body = new FormData(form, submitter);
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
  // A refusal belongs on its own page, with its own words: send the form the plain way.
  if (!type.includes("text/html") || answer.status >= 400) {
    HTMLFormElement.prototype.submit.call(form);
    return;
  }
  const id = document.activeElement?.id;
  await swapFrom(answer, form.dataset.swap.split(" "));
  if (id) document.getElementById(id)?.focus({ preventScroll: true });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.dataset.swap === undefined) return;
  event.preventDefault();
  send(form, event.submitter)
    .catch(() => HTMLFormElement.prototype.submit.call(form))
    .finally(() => {
      delete form.dataset.sent;
      event.submitter?.removeAttribute("aria-busy");
    });
});

// <input data-send>: a change sends its form (the quantity in the basket).
document.addEventListener("change", (event) => {
  if (event.target.dataset.send !== undefined) event.target.form.requestSubmit();
});
