// The state of this phone while it is unlocked: whose it is, its walks, what was done, and whether the server has it all.

import { save } from "./entries.js";
import { get, keys, mark, persist, put, wipe, within } from "./storage.js";
import { NotNow, Over, marksOf, pull, push, settle, walks } from "./sync.js";
import * as vault from "./vault.js";

const IDLE = 5 * 60_000;

export const phone = {
  /** @type {{ token: string, key: Uint8Array, name: string, until: string, hours: number } | null} */
  device: null,
  /** @type {import("./entries.js").Walk[]} */
  walks: [],
  /** @type {Map<number, Record<string, import("./entries.js").Mark>>} by walk, then by household */
  marks: new Map(),
  waiting: 0,
  /** How the last talk with the server ended: "" not yet, "safe", "offline". */
  contact: "",
};

/** @type {() => void} */
let changed = () => {};
/** @param {() => void} listener called when anything that a screen shows has changed */
export const watch = (listener) => void (changed = listener);

/** @param {string} text */
const unbase64 = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

/**
 * Take this phone into use. The person has signed in in this browser; the token that comes back is the phone's own.
 * @param {string} pin
 * @returns {Promise<"" | "sign-in" | "offline" | "no-walks">} why it could not be
 */
export async function enrol(pin) {
  let answer;
  try {
    const csrf = document.cookie.match(/csrftoken=([^;]+)/)?.[1] ?? "";
    answer = await fetch("/api/field/device", { method: "POST", headers: { "x-csrftoken": csrf }, cache: "no-store" });
  } catch {
    return "offline";
  }
  if (answer.redirected || answer.status === 401 || answer.status === 403) return "sign-in";
  if (answer.status === 404) return "no-walks";
  if (!answer.ok) return "offline";
  const device = await answer.json();
  await vault.create(pin);
  await put("kept", "device", await vault.encrypt(device));
  mark();
  await persist();
  await start();
  return "";
}

/** Read everything after the PIN opened the vault, drop what is too old, and talk to the server. */
export async function start() {
  const device = await vault.decrypt(await get("kept", "device"));
  phone.device = { ...device, key: unbase64(device.key) };
  const fetched = (await get("kept", "fetched")) ?? Date.now();
  // A phone that was long out of reach keeps nobody's address: what is saved and unsent is sealed and stays.
  if (Date.now() - fetched > device.hours * 3_600_000) await forgetWalks();
  await read();
  phone.waiting = (await keys("outbox")).length;
  changed();
  void sync();
}

async function forgetWalks() {
  const kept = (await keys("kept")).filter((key) => String(key).startsWith("marks:") || key === "versions");
  await within(["walks", "kept"], "readwrite", (at) => {
    at("walks").clear();
    kept.forEach((key) => at("kept").delete(key));
  });
}

async function read() {
  phone.walks = await walks();
  // Marks are read once: from then on this is where they change, and a door saved meanwhile must not be forgotten.
  for (const { id } of phone.walks) if (!phone.marks.has(id)) phone.marks.set(id, await marksOf(id));
}

/** @type {Promise<void> | null} */
let talking = null;
let again = false;

/** Send and fetch, one talk at a time; what was saved during a talk is sent by another one after it. */
export function sync() {
  if (!phone.device || !vault.isOpen()) return Promise.resolve();
  again = true;
  talking ??= talkWhileAsked(phone.device.token).finally(() => (talking = null));
  return talking;
}

/** @param {string} token */
async function talkWhileAsked(token) {
  while (again && vault.isOpen()) {
    again = false;
    await talk(token);
  }
}

/** @param {string} token */
async function talk(token) {
  try {
    const sent = await push(token);
    for (const walk of phone.walks) await settle(walk.id, phone.marks.get(walk.id) ?? {}, sent);
    await pull(token);
    await read();
    phone.contact = "safe";
  } catch (error) {
    if (error instanceof Over) return leave();
    if (!(error instanceof NotNow)) throw error;
    phone.contact = "offline";
  } finally {
    phone.waiting = (await keys("outbox")).length;
    changed();
  }
}

/** Save what happened at a door. @param {import("./entries.js").Walk} walk @param {any} said */
export async function record(walk, said) {
  if (!phone.device) throw new Error("no device");
  const marks = phone.marks.get(walk.id) ?? {};
  phone.marks.set(walk.id, marks);
  const id = await save(phone.device, walk, marks, said);
  phone.waiting += 1;
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

/** The session is over: nothing stays, on the screen either. */
function leave() {
  lock();
  location.replace("#/wiped");
}

export async function giveBack() {
  await wipe();
  leave();
}

let idle = 0;
for (const event of ["pointerdown", "keydown", "scroll"]) {
  addEventListener(event, () => (clearTimeout(idle), (idle = setTimeout(() => vault.isOpen() && lock(), IDLE))), { passive: true });
}
addEventListener("online", () => void sync());
document.addEventListener("visibilitychange", () => void (document.visibilityState === "visible" && sync()));
setInterval(() => void (phone.waiting && sync()), 60_000);
