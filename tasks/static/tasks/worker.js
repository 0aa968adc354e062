/**
 * The service worker: opens the page where the server does not answer.
 *
 * It keeps the files of one release and the page without a person, all or none of them, and answers with them what the
 * network does not answer in time. The network always comes first, so that nothing that is kept here can stop a page from
 * being loaded, and a new release is taken as soon as it is there. It leaves everything else alone: the API, the socket, the
 * sign-in and the admin.
 *
 * `self.release` comes before this file, in the script that tasks/web/offline.py writes; null where nothing is to be kept.
 */
const worker = /** @type {any} */ (self); // a ServiceWorkerGlobalScope, which the types of the DOM do not have
/** @type {{version: string, root: string, page: string, files: string[]}} */
const { version, root, page, files } = worker.release ?? { files: [] };
const SHELL = "shell-"; // and the release's version: the name of the cache
const COPY = "copy"; // what core/device-copy.js keeps
const PATIENCE = 3_000; // ms in which the network is to answer
const UNAVAILABLE = [502, 503, 504];

worker.addEventListener("install", (/** @type {any} */ event) => {
  event.waitUntil(worker.release ? install() : worker.skipWaiting());
  event.waitUntil(passBy(event));
});

worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.release ? activate() : leave()));

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && pathname === root) event.respondWith(pageFor(request));
  else if (files.includes(pathname)) event.respondWith(networkFirst(request, pathname));
});

/** Fails as a whole if another release answers for one of them; the next page load tries it again. */
async function install() {
  const cache = await caches.open(SHELL + version);
  await cache.addAll([new Request(page, { credentials: "omit" }), ...files]);
  await worker.skipWaiting();
}

/** Requests to the API do not wait for this worker to start, in browsers that can be told so. @param {any} event */
async function passBy(event) {
  try {
    await event.addRoutes?.([{ condition: { urlPattern: "/api/*" }, source: "network" }]);
  } catch (error) {
    console.warn("Requests to the API go through the service worker", error);
  }
}

async function activate() {
  const old = (await caches.keys()).filter((name) => name.startsWith(SHELL) && name !== SHELL + version);
  await Promise.all(old.map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/** Deletes everything, and this worker. The open pages write nothing more. */
async function leave() {
  for (const client of await worker.clients.matchAll({ includeUncontrolled: true })) client.postMessage("leave");
  await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
  await worker.registration.unregister();
}

/** The page. One that is sent away, to sign in, leaves nothing of a person here. @param {Request} request */
async function pageFor(request) {
  const answer = await networkFirst(request, page);
  if (answer.type === "opaqueredirect") await caches.delete(COPY);
  return answer;
}

/** @param {Request} request @param {string} key  of what is kept instead */
async function networkFirst(request, key) {
  const asked = fetch(request);
  const late = new Promise((resolve) => void setTimeout(resolve, PATIENCE));
  const answer = await Promise.race([asked, late]).catch(() => null);
  if (answer && !UNAVAILABLE.includes(answer.status)) return answer;
  return (await caches.match(key, { cacheName: SHELL + version }).catch(() => null)) ?? asked;
}
