// What lies on the phone is encrypted with a key that only the volunteer's PIN, on this phone, opens.
//
// PIN → PBKDF2 → HMAC under a key that the browser will not give out → wraps the vault's key. Reading the disk is not
// enough without the PIN, and trying PINs is slow and needs this phone's storage. Five wrong PINs wipe the phone.

import { get, put, wipe, within } from "./storage.js";

const ROUNDS = 250_000;
const TRIES = 5;
const bytes = new TextEncoder();

/** @type {CryptoKey | null} */
let held = null;

/** @param {string} pin @param {Uint8Array} salt @param {CryptoKey} bound */
async function wrapping(pin, salt, bound) {
  const typed = await crypto.subtle.importKey("raw", bytes.encode(pin), "PBKDF2", false, ["deriveBits"]);
  const slow = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, typed, 256);
  const both = await crypto.subtle.sign("HMAC", bound, slow);
  return crypto.subtle.importKey("raw", both, "AES-KW", false, ["wrapKey", "unwrapKey"]);
}

/** Whether a PIN is among the first that anybody would try: one digit six times, or a run. @param {string} pin */
export const weak = (pin) => /^(\d)\1*$/.test(pin) || "01234567890".includes(pin) || "09876543210".includes(pin);

/** What a new vault is made of; kept nowhere yet. @param {string} pin */
export async function make(pin) {
  const bound = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
  const around = await wrapping(pin, salt, bound);
  const wrapped = await crypto.subtle.wrapKey("raw", fresh, around, "AES-KW");
  return { kept: { bound, salt, wrapped, tries: 0 }, key: await unwrap(wrapped, around) };
}

/** Make a new vault, open. @param {Awaited<ReturnType<typeof make>>} made */
export async function create({ kept, key }) {
  await put("keys", "vault", kept);
  held = key;
}

/** @returns {Promise<CryptoKey>} not extractable from here on */
const unwrap = (wrapped, around) =>
  crypto.subtle.unwrapKey("raw", wrapped, around, "AES-KW", "AES-GCM", false, ["encrypt", "decrypt"]);

/**
 * Open the vault. After five wrong PINs everything on the phone is gone.
 * @param {string} pin
 * @returns {Promise<{ open: boolean, left: number }>} whether it opened, and how many tries are left
 */
export async function unlock(pin) {
  // Counted before it is tried, in one step: neither switching the phone off nor many pages at once win a try.
  let kept;
  await within(["keys"], "readwrite", (at) => {
    const asked = at("keys").get("vault");
    asked.onsuccess = () => {
      kept = asked.result && { ...asked.result, tries: asked.result.tries + 1 };
      if (kept) at("keys").put(kept, "vault");
    };
  });
  if (!kept) return { open: false, left: 0 };
  try {
    if (kept.tries > TRIES) throw new Error("too many tries");
    held = await unwrap(kept.wrapped, await wrapping(pin, kept.salt, kept.bound));
  } catch {
    const left = TRIES - kept.tries;
    if (left <= 0) await wipe();
    return { open: false, left: Math.max(left, 0) };
  }
  // Not waited for: the next try comes after it, in the order of this storage.
  put("keys", "vault", { ...kept, tries: 0 }).catch((error) => console.warn(error));
  return { open: true, left: TRIES };
}

/** Forget the key until the PIN is typed again. */
export const lock = () => void (held = null);
export const isOpen = () => held !== null;
export const exists = async () => Boolean(await get("keys", "vault"));

/** @param {any} value @returns {Promise<{ iv: Uint8Array, sealed: ArrayBuffer }>} */
export async function encrypt(value) {
  if (!held) throw new Error("the vault is locked");
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, sealed: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, held, bytes.encode(JSON.stringify(value))) };
}

/** @param {{ iv: Uint8Array, sealed: ArrayBuffer }} kept */
export async function decrypt({ iv, sealed }) {
  if (!held) throw new Error("the vault is locked");
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, held, sealed)));
}
