{% autoescape off %}// Keeps the app itself, and nothing else: no walk, no name and no answer of the server's ever goes through a cache here.
const SHELL = "/di/";
const KEPT = "tungnha-field-{{ version }}";
const FILES = {{ files }};

addEventListener("install", (event) => {
  // Asked about at the server, since the browser may still hold those of the version before; not loaded twice for it.
  const fresh = [SHELL, ...FILES].map((file) => new Request(file, { cache: "no-cache" }));
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(fresh)));
});

// The page says when: while it is locked. Otherwise files of two versions could meet in it.
addEventListener("message", ({ data }) => data === "take over" && skipWaiting());

addEventListener("activate", (event) => {
  const old = async () => {
    for (const name of await caches.keys()) if (name.startsWith("tungnha-field-") && name !== KEPT) await caches.delete(name);
    await clients.claim();
  };
  event.waitUntil(old());
});

addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  const ours = origin === location.origin && event.request.method === "GET" && (pathname === SHELL || FILES.includes(pathname));
  if (!ours) return;
  // The one that is kept, at once; a new version comes with a new worker.
  const answer = caches.match(pathname, { cacheName: KEPT }).then((found) => found ?? fetch(event.request));
  event.respondWith(answer);
});
{% endautoescape %}
