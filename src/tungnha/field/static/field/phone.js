// The state of this phone while it is unlocked: whose it is, its walks, what was done, and whether the server has it all.

import { marksOf, save, settle } from "./entries.js";
import * as position from "./position.js";
import { forgetOld, get, installation, keys, persist, put, wipe } from "./storage.js";
import { NotNow, Over, SignIn, ask, inOrder, keep, pull, push, walks } from "./sync.js";
import * as vault from "./vault.js";

const IDLE = 5 * 60_000;
const LONGEST_HOURS = 72;
const DEVICE = "/api/field/device";

export const phone = {
  /** @type {{ token: string, key: Uint8Array, user: number, name: string, until: string, hours: number } | null} */
  device: null,
  /** @type {import("./entries.js").Walk[]} */
  walks: [],
  /** @type {Map<number, Record<string, import("./entries.js").Mark>>} by walk, then by household */
  marks: new Map(),
  /** Entries on this phone that the server has not answered for; known without the PIN. */
  waiting: 0,
  /** How the last talk with the server ended: "" not yet, "safe", "offline", "sign-in", "trouble". */
  contact: "",
  /** Whether the browser promises to keep what is saved here. */
  promised: true,
};

/** @type {() => Promise<void> | void} */
let changed = () => {};
/** @param {() => Promise<void> | void} listener called when anything that a screen shows has changed; shows it */
export const watch = (listener) => void (changed = listener);

/** @param {string} text */
const unbase64 = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

// One page at a time is open: each keeps the marks in memory, and what one wipes the other must not show.
const others = new BroadcastChannel("tungnha-field");
others.onmessage = () => lock();

/** What can be said before the PIN: what waits, and that nothing lies here longer than it may. */
export async function wake() {
  await Promise.all([forgetOld(LONGEST_HOURS), count()]);
}

async function count() {
  phone.waiting = (await keys("outbox")).length;
}

/** Whether somebody is signed in in this browser, who could take this phone into use. Where nobody answers: perhaps. */
export async function signedIn() {
  try {
    return (await fetch(DEVICE, { method: "HEAD", redirect: "manual", cache: "no-store" })).type !== "opaqueredirect";
  } catch {
    return true;
  }
}

/**
 * Ask for a session for this phone; the person has signed in in this browser.
 * @param {Record<string, string>} [more] "walks": with the walks at once
 * @returns {Promise<any | "sign-in" | "offline" | "no-walks">} the session, or why there is none
 */
async function session(more = {}) {
  try {
    const csrf = document.cookie.match(/csrftoken=([^;]+)/)?.[1] ?? "";
    const body = new URLSearchParams({ installation: await installation(), ...more });
    const answer = await fetch(DEVICE, { method: "POST", body, headers: { "x-csrftoken": csrf }, cache: "no-store" });
    if (answer.redirected || answer.status === 401 || answer.status === 403) return "sign-in";
    if (answer.status === 404) return "no-walks";
    return answer.ok ? await answer.json() : "offline";
  } catch {
    return "offline";
  }
}

/** @type {ReturnType<typeof session> | null} */
let ahead = null;

/** Ask for session and walks while the PIN is still being typed. They lie nowhere but in this page until it is chosen. */
export function askAhead() {
  ahead ??= session({ walks: "1" }).then((answer) => {
    if (typeof answer === "string") ahead = null; // asked again when the PIN is there
    return answer;
  });
  return ahead;
}

/**
 * Take this phone into use. The token that comes back is the phone's own.
 * @param {string} pin
 * @returns {Promise<string>} why it could not be, or ""
 */
export async function enrol(pin) {
  const [answer, made] = await Promise.all([askAhead(), vault.make(pin)]);
  if (typeof answer === "string") return answer;
  ahead = null;
  const { walks: told, ...device } = answer;
  await vault.create(made);
  await put("kept", "device", await vault.encrypt(device));
  others.postMessage("mine");
  phone.device = { ...device, key: unbase64(device.key) };
  // Shown at once. What cannot be kept, the sync asks for again, and says so.
  phone.walks = inOrder(told.walks);
  phone.marks = new Map(phone.walks.map(({ id }) => [id, {}]));
  await inUse();
  void keep(told).catch(() => {}).then(sync);
  return "";
}

/** Go on with a new session under the same PIN, where the same person has signed in again. */
async function renew() {
  const device = await session();
  if (typeof device === "string" || !phone.device) return false;
  if (device.user !== phone.device.user) {
    await giveUp(); // somebody else has the phone now
    return false;
  }
  await put("kept", "device", await vault.encrypt(device));
  phone.device = { ...device, key: unbase64(device.key) };
  return true;
}

/** Read everything after the PIN opened the vault, drop what is too old, and talk to the server. */
export async function start() {
  others.postMessage("mine");
  const device = await vault.decrypt(await get("kept", "device"));
  await forgetOld(device.hours);
  phone.device = { ...device, key: unbase64(device.key) };
  await Promise.all([read(), count()]);
  await inUse();
  void sync(); // what is here is shown first
}

/** Show what there is, and ask the browser to keep it. */
async function inUse() {
  touch();
  await changed();
  void persist().then((promised) => {
    phone.promised = promised;
    changed();
  }); // not waited for: a browser may ask the person first
}

async function read() {
  await position.read();
  phone.walks = await walks();
  // Marks are read once: from then on this is where they change, and a door saved meanwhile must not be forgotten.
  const fresh = phone.walks.filter(({ id }) => !phone.marks.has(id));
  await Promise.all(fresh.map(async ({ id }) => {
    const marks = await marksOf(id);
    if (!phone.marks.has(id)) phone.marks.set(id, marks);
  }));
}

/** @type {Promise<void> | null} */
let talking = null;
let again = false;

/** Send and fetch, one talk at a time; what was saved during a talk is sent by another one after it. */
export function sync() {
  if (!phone.device || !vault.isOpen()) return Promise.resolve();
  again = true;
  talking ??= talkWhileAsked().finally(() => (talking = null));
  return talking;
}

async function talkWhileAsked() {
  while (again && vault.isOpen()) {
    again = false;
    await talk();
  }
}

async function talk() {
  try {
    try {
      await exchange();
    } catch (error) {
      if (!(error instanceof SignIn)) throw error;
      if (await renew()) await exchange();
      else phone.contact = "sign-in";
    }
  } catch (error) {
    if (error instanceof Over) return giveUp();
    phone.contact = error instanceof NotNow ? "offline" : "trouble";
    if (phone.contact === "trouble") console.warn(error); // the storage, as a rule; it is tried again
  } finally {
    await count();
    changed();
  }
}

async function exchange() {
  const device = phone.device;
  if (!device) return;
  await push(device);
  for (const [walk, marks] of phone.marks) await settle(walk, marks);
  await position.deliver(device.token);
  await pull(device.token, position.keepRule);
  if (!vault.isOpen()) return; // locked meanwhile: what was read must not come back
  await read();
  phone.contact = "safe";
}

/** Save what happened at a door. @param {import("./entries.js").Walk} walk @param {any} said */
export async function record(walk, said) {
  if (!phone.device) throw new Error("no device");
  const marks = phone.marks.get(walk.id) ?? {};
  phone.marks.set(walk.id, marks);
  const id = await save(phone.device, walk, marks, said);
  phone.waiting += 1;
  if (said.kind === "visit") void position.stamp(walk, id);
  changed();
  void sync();
  return id;
}

/** Forget the key and everything read with it. */
export function lock() {
  vault.lock();
  phone.device = null;
  phone.walks = [];
  phone.marks.clear();
  changed();
}

/** Nothing stays, on the screen either. */
async function giveUp() {
  lock();
  await wipe();
  others.postMessage("gone");
  location.replace("#/wiped");
}

/** The shift is over: the walks go back to the team, the session ends, the phone is cleared. @returns {Promise<boolean>} */
export async function giveBack() {
  if (!phone.device) return false;
  try {
    await ask("/api/field/give-back", phone.device.token, {});
  } catch {
    return false;
  }
  await giveUp();
  return true;
}

let touched = 0;
let idle = 0;
function touch() {
  touched = Date.now();
  clearTimeout(idle);
  idle = setTimeout(() => vault.isOpen() && lock(), IDLE);
}
for (const event of ["pointerdown", "keydown", "scroll"]) addEventListener(event, touch, { passive: true });
addEventListener("online", () => void sync());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible") return;
  // Timers stand still while the page is out of sight.
  if (vault.isOpen() && Math.abs(Date.now() - touched) > IDLE) lock();
  void sync();
});
setInterval(() => void (phone.waiting && sync()), 60_000);
