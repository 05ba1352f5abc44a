// The service worker of the till: what it needs to start lies on the device, each file under the hash
// of its content. HOME and KEPT (address → hash) are put before this text by the server.

const CACHE = `kontor.till${HOME}`;
const PICTURES = "kontor.till.pictures";
const MOST_PICTURES = 500;

const keyOf = (address) => `${address}?kept=${KEPT[address]}`;

// What is there already under its hash is not fetched again.
async function fill() {
  const cache = await caches.open(CACHE);
  await Promise.all(
    Object.keys(KEPT).map(async (address) => {
      if (await cache.match(keyOf(address))) return;
      const answer = await fetch(address, { cache: "no-cache" });
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      await cache.put(keyOf(address), answer);
    }),
  );
}

async function clean() {
  const cache = await caches.open(CACHE);
  const wanted = new Set(Object.keys(KEPT).map((address) => new URL(keyOf(address), location.origin).href));
  for (const request of await cache.keys()) if (!wanted.has(request.url)) await cache.delete(request);
  await clients.claim();
}

addEventListener("install", (event) => event.waitUntil(fill()));
addEventListener("activate", (event) => event.waitUntil(clean()));
// The till says when: between two sales.
addEventListener("message", (event) => event.data === "take over" && skipWaiting());

async function kept(address, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(keyOf(address))) ?? fetch(request);
}

// A picture that was seen once is there without net, too.
async function picture(request) {
  const cache = await caches.open(PICTURES);
  const known = await cache.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) {
    await cache.put(request, answer.clone());
    const keys = await cache.keys();
    if (keys.length > MOST_PICTURES) await cache.delete(keys[0]);
  }
  return answer;
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate" && address.pathname === HOME) event.respondWith(kept(HOME, request));
  else if (KEPT[address.pathname]) event.respondWith(kept(address.pathname, request));
  else if (address.pathname.startsWith("/media/")) event.respondWith(picture(request));
});
