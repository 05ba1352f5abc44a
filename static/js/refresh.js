// A page that keeps itself current while it is looked at: <div id="…" data-refresh="15"> is fetched
// every 15 seconds and replaced when something has changed, and with it each <… id="…" data-follows>
// (counts at the side, the time of what is shown). Who is typing or pressing inside it, or has
// something opened there, is not disturbed. What has changed of a list is marked with data-moved.
const FORGERY = 'input[name="csrf_token"]';
const PRESSED = "input, select, textarea, button, summary";

function content(region) {
  const copy = region.cloneNode(true);
  for (const field of copy.querySelectorAll(FORGERY)) field.remove();
  for (const entry of copy.querySelectorAll("[data-moved]")) entry.removeAttribute("data-moved");
  return copy.innerHTML;
}

const busy = (region) =>
  (region.contains(document.activeElement) && document.activeElement.matches(PRESSED)) ||
  region.querySelector("details[open]") !== null;

function mark(stale, fresh) {
  for (const entry of fresh.querySelectorAll(":scope > [id]")) {
    const before = document.getElementById(entry.id);
    if (!before || content(before) !== content(entry)) entry.dataset.moved = "";
  }
}

function replace(id, page) {
  const fresh = page.getElementById(id);
  const stale = document.getElementById(id);
  if (!fresh || !stale || busy(stale) || content(fresh) === content(stale)) return;
  // A link that the keyboard stands on is found again by where it leads.
  const held = stale.contains(document.activeElement)
    ? document.activeElement.getAttribute("href")
    : null;
  mark(stale, fresh);
  stale.replaceWith(document.adoptNode(fresh));
  if (held !== null) fresh.querySelector(`a[href="${CSS.escape(held)}"]`)?.focus();
}

async function refresh(id) {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html", "X-Refresh": "1" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  replace(id, page);
  for (const one of document.querySelectorAll("[data-follows][id]")) replace(one.id, page);
}

// A region that comes back without data-refresh is finished: nothing more is asked. Where nothing
// comes, the page says so (what is shown is as old as it says), and goes on asking.
for (const region of document.querySelectorAll("[data-refresh]")) {
  const { id } = region;
  const timer = setInterval(async () => {
    const reached = await refresh(id).then(() => true, () => false);
    document.documentElement.toggleAttribute("data-out-of-reach", !reached);
    if (!document.getElementById(id)?.dataset.refresh) clearInterval(timer);
  }, Number(region.dataset.refresh) * 1000);
}
