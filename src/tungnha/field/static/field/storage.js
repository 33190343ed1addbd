// The phone's storage: one IndexedDB, whose every write is either wholly there after a crash or not at all.

const NAME = "tungnha-field";
// outbox: not yet answered; sent: answered, kept for a while in case the server is restored from an older backup.
const STORES = ["keys", "kept", "walks", "outbox", "sent"];

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => STORES.forEach((store) => asked.result.createObjectStore(store));
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      asked.result.onclose = () => (opened = null); // the browser took the storage away
      resolve(asked.result);
    };
    asked.onerror = () => reject(asked.error);
  });
  opened.catch(() => (opened = null));
  return opened;
}

/**
 * One transaction over some stores. Resolves once it is durably committed, with what `work` returned.
 * @template T
 * @param {string[]} stores
 * @param {IDBTransactionMode} mode
 * @param {(at: (store: string) => IDBObjectStore) => IDBRequest<T> | void} work
 * @returns {Promise<T>}
 */
export async function within(stores, mode, work) {
  const base = await open();
  return new Promise((resolve, reject) => {
    const going = base.transaction(stores, mode, { durability: mode === "readwrite" ? "strict" : "default" });
    const asked = work((store) => going.objectStore(store));
    going.oncomplete = () => resolve(asked?.result);
    going.onerror = going.onabort = () => reject(going.error ?? new Error("the storage gave up"));
  });
}

/** @param {string} store @param {IDBValidKey} key */
export const get = (store, key) => within([store], "readonly", (at) => at(store).get(key));
/** @param {string} store */
export const all = (store) => within([store], "readonly", (at) => at(store).getAll());
/** @param {string} store */
export const keys = (store) => within([store], "readonly", (at) => at(store).getAllKeys());
/** @param {string} store @param {IDBValidKey} key @param {any} value */
export const put = (store, key, value) => within([store], "readwrite", (at) => void at(store).put(value, key));

/**
 * Everything readable gone: keys, walks, what the phone remembered, what the service worker kept. Entries that were not
 * sent stay: they are sealed to the server, and whoever signs in here next sends them.
 */
export async function wipe() {
  await within(["keys", "kept", "walks"], "readwrite", (at) => ["keys", "kept", "walks"].forEach((store) => at(store).clear()));
  for (const name of await caches.keys()) await caches.delete(name);
  document.cookie = `${MARK}=; path=/; max-age=0; samesite=strict`;
}

const MARK = "tungnha_phone";

/** Note beside the database that there is one, so that its loss is noticed. */
export function mark() {
  document.cookie = `${MARK}=1; path=/; max-age=${30 * 86400}; samesite=strict`;
}

/** Whether the browser lost the storage: the mark is there and the keys are not. */
export async function lost() {
  return document.cookie.includes(`${MARK}=1`) && !(await get("kept", "device"));
}

/** Ask the browser to keep the storage. Returns whether it promises to. */
export const persist = async () => (await navigator.storage?.persist?.()) ?? false;
