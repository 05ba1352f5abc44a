// A page that keeps itself current while it is looked at: <div id="…" data-refresh="15"> is fetched
// every 15 seconds and replaced when something has changed. Who is typing or pressing inside it, or
// has something opened there, is not disturbed.
const FORGERY = 'input[name="csrf_token"]';

function content(region) {
  const copy = region.cloneNode(true);
  for (const field of copy.querySelectorAll(FORGERY)) field.remove();
  return copy.innerHTML;
}

const busy = (region) =>
  region.contains(document.activeElement) || region.querySelector("details[open]") !== null;

async function refresh(id) {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html", "X-Refresh": "1" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(id);
  const stale = document.getElementById(id);
  if (!fresh || !stale || busy(stale) || content(fresh) === content(stale)) return;
  stale.replaceWith(document.adoptNode(fresh));
}

// A region that comes back without data-refresh is finished: nothing more is asked.
for (const region of document.querySelectorAll("[data-refresh]")) {
  const timer = setInterval(async () => {
    await refresh(region.id).catch(() => {});
    if (!document.getElementById(region.id)?.dataset.refresh) clearInterval(timer);
  }, Number(region.dataset.refresh) * 1000);
}
