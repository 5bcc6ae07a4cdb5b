// Works without a network after the first visit: the pages' files (SHELL, put before this by the server), visited pages,
// tiles and answers. Pages and answers are asked of the network first and kept; tiles are shown from what is kept.
const KEPT = { shell: "shell-1", pages: "pages-1", tiles: "tiles-1", answers: "answers-1", phone: "phone-1" };
const MOST = { pages: 40, tiles: 1500, answers: 300, phone: 2 };
const OWN = ["/offline/", "/icon.svg", "/manifest.webmanifest"];
// the community worker's page works without a network; it names nobody and holds no record (outlets/views/worker.py)
const PHONE = "/desk/outlets/new/";
// other pages of people who are logged in are never kept on the device
const PRIVATE = /^\/(desk|merchant|accounts|admin|add)\//;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(KEPT.shell);
    const have = new Set((await cache.keys()).map((each) => new URL(each.url).pathname));
    await cache.addAll(SHELL.filter((path) => !have.has(path)));
    await cache.addAll(OWN);
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (!Object.values(KEPT).includes(name)) await caches.delete(name);
    const cache = await caches.open(KEPT.shell), wanted = new Set([...SHELL, ...OWN]);
    for (const each of await cache.keys()) if (!wanted.has(new URL(each.url).pathname)) await cache.delete(each);
    await self.clients.claim();
  })());
});

async function keep(name, request, answer) {
  const cache = await caches.open(KEPT[name]);
  await cache.put(request, answer);
  if (Math.random() > 0.05) return; // looking through the list at every tile would cost more than it saves
  const all = await cache.keys();
  for (const each of all.slice(0, Math.max(0, all.length - MOST[name]))) await cache.delete(each);
}

async function networkFirst(name, request, otherwise) {
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await keep(name, request, answer.clone());
    return answer;
  } catch (fault) {
    const found = (await caches.match(request)) ?? (request.mode === "navigate" ? await (await caches.open(KEPT.pages)).match(request, { ignoreSearch: true }) : undefined);
    return found ?? (otherwise ? await caches.match(otherwise) : Response.error());
  }
}

async function keptFirst(name, request) {
  const found = await caches.match(request);
  const asked = fetch(request).then((answer) => { if (answer.status === 200) keep(name, request, answer.clone()); return answer; });
  if (!found) return asked.catch(() => new Response(null, { status: 204 }));
  asked.catch(() => {});
  return found;
}

self.addEventListener("fetch", (event) => {
  const { request } = event, address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin || (PRIVATE.test(address.pathname) && address.pathname !== PHONE)) return;
  if (address.pathname === PHONE) event.respondWith(networkFirst("phone", request));
  else if (address.pathname.startsWith("/static/") || OWN.includes(address.pathname)) event.respondWith(caches.match(request).then((found) => found ?? fetch(request)));
  else if (/^\/tiles\/[^/]+\/base\//.test(address.pathname)) event.respondWith(keptFirst("tiles", request));
  else if (address.pathname.startsWith("/tiles/")) event.respondWith(networkFirst("tiles", request));
  else if (address.pathname.startsWith("/api/") || address.pathname.endsWith("/part/")) event.respondWith(networkFirst("answers", request));
  else if (request.mode === "navigate") event.respondWith(networkFirst("pages", request, "/offline/"));
});
