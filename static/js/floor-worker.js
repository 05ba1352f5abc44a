// The service worker of the floor: pages that were open stay open when the network goes. The network
// comes first; what is kept is shown when it does not answer in time.

const CACHE = "kontor.floor";
const PATIENCE = 2500;
const MOST = 150;

const belongs = (address) =>
  address.origin === location.origin &&
  ["/floor/", "/static/", "/media/"].some((start) => address.pathname.startsWith(start));

async function put(request, answer) {
  const cache = await caches.open(CACHE);
  await cache.put(request, answer);
  const keys = await cache.keys();
  for (const old of keys.slice(0, Math.max(0, keys.length - MOST))) await cache.delete(old);
}

async function fresh(request) {
  const answer = await fetch(request);
  if (answer.ok && !answer.redirected && answer.type === "basic") await put(request, answer.clone());
  return answer;
}

async function soon(request) {
  const kept = await caches.match(request, { cacheName: CACHE, ignoreVary: true });
  if (!kept) return fresh(request);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept));
  return Promise.race([fresh(request).catch(() => kept), late]);
}

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("message", (event) => {
  if (event.data === "forget") event.waitUntil(caches.delete(CACHE));
  for (const address of event.data.keep ?? []) {
    if (!belongs(new URL(address))) continue;
    event.waitUntil(fresh(new Request(address, { credentials: "same-origin" })).catch(() => {}));
  }
});
addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || !belongs(address)) return;
  // What a page asks for itself (the list that keeps current) is not answered from before.
  if (request.mode === "navigate" || !address.pathname.startsWith("/floor/")) event.respondWith(soon(request));
});
