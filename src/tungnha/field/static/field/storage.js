// The phone's storage: one IndexedDB, whose every write is either wholly there after a crash or not at all.

const NAME = "tungnha-field";
// outbox: not yet answered; sent: answered, kept for a while in case the server is restored from an older backup;
// phone: what stays the same whoever uses it.
const STORES = ["keys", "kept", "walks", "outbox", "sent", "phone"];
const READABLE = ["keys", "kept", "walks"];

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 2);
    asked.onupgradeneeded = () => {
      const there = asked.result.objectStoreNames;
      STORES.filter((store) => !there.contains(store)).forEach((store) => asked.result.createObjectStore(store));
    };
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
    going.oncomplete = () => resolve(asked?.result);
    going.onerror = going.onabort = () => reject(going.error ?? new Error("the storage gave up"));
    let asked;
    try {
      asked = work((store) => going.objectStore(store));
    } catch (error) {
      going.abort(); // half of the work must not be committed
      reject(error);
    }
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

/** Which phone this is, over all its sessions: a random number that says nothing about anybody. */
export async function installation() {
  const known = await get("phone", "installation");
  const made = known ?? crypto.randomUUID();
  if (!known) await put("phone", "installation", made);
  return made;
}

/**
 * Everything readable gone: keys, walks, what the phone remembered. Entries that were not sent stay: they are sealed to
 * the server and say whose they are, and whoever signs in here next sends them. The app's own files stay too.
 */
export async function wipe() {
  await within(READABLE, "readwrite", (at) => READABLE.forEach((store) => at(store).clear()));
  document.cookie = `${MARK}=; path=/di/; max-age=0; samesite=strict`;
}

/**
 * Nobody's address lies on a phone longer than it may, locked or not: walks that were fetched too long ago go, and with
 * them what is remembered of their doors. A clock that was turned back makes them too old as well.
 * @param {number} hours
 * @returns {Promise<boolean>} whether any went
 */
export async function forgetOld(hours) {
  const longest = hours * 3_600_000;
  const [fetched, remembered, sent] = await Promise.all([get("kept", "fetched"), keys("kept"), all("sent")]);
  const stale = fetched !== undefined && Math.abs(Date.now() - fetched) > longest;
  const gone = stale ? remembered.filter((key) => /^(marks:|stamp:|versions$|position$|fetched$)/.test(String(key))) : [];
  const old = sent.filter(({ at }) => Math.abs(Date.now() - at) > longest);
  if (!stale && !old.length) return false; // nothing is written at a start: on a cheap phone that takes a while
  await within(["walks", "kept", "sent"], "readwrite", (at) => {
    if (stale) at("walks").clear();
    gone.forEach((key) => at("kept").delete(key));
    old.forEach(({ id }) => at("sent").delete(id));
  });
  return stale;
}

const MARK = "tungnha_phone"; // set by the server when the phone is taken into use

/** Whether the browser lost the storage: the mark is there and the keys are not. */
export async function lost() {
  return document.cookie.includes(`${MARK}=1`) && !(await get("kept", "device"));
}

/** Ask the browser to keep the storage. Returns whether it promises to. */
export const persist = async () => (await navigator.storage?.persist?.()) ?? false;
