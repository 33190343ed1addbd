// Talking to the server: entries up, walks down. Everything may be repeated, cut off or reordered without harm.

import { all, get, within } from "./storage.js";
import { decrypt, encrypt } from "./vault.js";

const BATCH = 30;
const ASKED = 500;
const PATIENCE = 20_000;

/** The phone may hold nothing any more: it was reported lost, or its person has left. */
export class Over extends Error {}
/** The session has run out, or a restored server has forgotten it: the person signs in again, and nothing is lost. */
export class SignIn extends Error {}
/** No answer, or one that says to try later. Nothing is lost by it. */
export class NotNow extends Error {}

const AFTER = { revoked: Over, no_role: Over, expired: SignIn, unknown: SignIn };

/** @param {Uint8Array} data */
const base64 = (data) => btoa(Array.from(data, (one) => String.fromCharCode(one)).join(""));

/**
 * @param {string} address @param {string} token @param {any} [body]
 * @returns {Promise<any>}
 */
export async function ask(address, token, body) {
  try {
    const answer = await fetch(address, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
    });
    const said = await answer.json();
    if (answer.ok) return said;
    // Only the server's own word ends a session: a proxy's 401 does not.
    const Problem = (answer.status === 401 && AFTER[said.code]) || NotNow;
    throw new Problem(`${answer.status} ${said.code}`);
  } catch (error) {
    if (error instanceof Over || error instanceof SignIn || error instanceof NotNow) throw error;
    throw new NotNow(String(error)); // cut off on its way: what was sent is sent again, which changes nothing
  }
}

/** What the server's answers mean to a phone: it has the entry durably in each of these cases. */
const DURABLE = { accepted: "kept", known: "kept", held: "held" };

/**
 * Send what waits. What the server answers for leaves the outbox, and is kept sealed for three days more, in case the
 * server has to be restored from a backup that is older.
 * @param {{ token: string, user: number }} device
 */
export async function push(device) {
  await afterRestore(device);
  const waiting = await all("outbox");
  for (let from = 0; from < waiting.length; from += BATCH) {
    const batch = new Map(waiting.slice(from, from + BATCH).map((one) => [one.id, one]));
    const entries = [...batch.values()].map(({ id, sealed }) => ({ id, sealed: base64(sealed) }));
    const { answers, head } = await ask("/api/sync/v1/entries", device.token, { sent_at: new Date().toISOString(), entries });
    const settled = answers.filter(({ id, status }) => batch.has(id) && status in DURABLE);
    await within(["outbox", "sent", "kept"], "readwrite", (at) => {
      for (const { id, status } of settled) {
        at("outbox").delete(id);
        at("sent").put({ ...batch.get(id), at: Date.now(), state: DURABLE[status] }, id);
      }
      at("kept").put(head, "head");
    });
  }
}

/**
 * Ask whether the server still has what it said it had; put back into the outbox what it does not. Where no head is
 * known any more (the phone was taken into use anew), it is asked too.
 */
async function afterRestore({ token, user }) {
  const head = await get("kept", "head");
  const kept = (await all("sent")).filter((one) => one.by === user); // of others' entries the server tells nothing
  if (!kept.length) return;
  if (head) {
    const { rolled_back } = await ask(`/api/sync/v1/state?position=${head.position}&hash=${head.hash}`, token);
    if (!rolled_back) return;
  }
  /** @type {Set<string>} */
  const unknown = new Set();
  let now = head;
  for (let from = 0; from < kept.length; from += ASKED) {
    const said = await ask("/api/sync/v1/known", token, { ids: kept.slice(from, from + ASKED).map(({ id }) => id) });
    said.unknown.forEach((id) => unknown.add(id));
    now = said.head;
  }
  await within(["outbox", "sent", "kept"], "readwrite", (at) => {
    for (const { id, sealed, by } of kept.filter((one) => unknown.has(one.id))) {
      at("outbox").put({ id, sealed, by }, id);
      at("sent").delete(id);
    }
    at("kept").put(now, "head");
    at("kept").delete("position"); // and read from the beginning
  });
}

/**
 * Fetch what changed of the walks; forget those that are no longer this person's. What it brings and how far it reaches
 * are stored together: neither can be ahead of the other.
 * @param {string} token
 * @param {(at: (store: string) => IDBObjectStore, rule: any) => void} keepRule keeps what is said about stamps, with the rest
 * @returns {Promise<void>}
 */
export async function pull(token, keepRule) {
  const versions = (await get("kept", "versions")) ?? {};
  const after = (await get("kept", "position")) ?? 0;
  const have = Object.entries(versions).map(([id, version]) => `${id}:${version}`).join(",");
  await keep(await ask(`/api/field/walks?have=${encodeURIComponent(have)}&after=${after}`, token));
}

/** Keep what the server told of the walks, all of it or nothing. @param {any} answer */
export async function keep(answer) {
  const versions = (await get("kept", "versions")) ?? {};
  const gone = Object.keys(versions).filter((id) => !answer.yours.includes(Number(id)));
  for (const walk of answer.walks) versions[walk.id] = walk.version;
  for (const id of gone) delete versions[id];
  const changed = await Promise.all([...answer.walks, ...(await retold(answer.seen))].map(async (walk) => [walk.id, await encrypt(walk)]));
  await within(["walks", "kept"], "readwrite", (at) => {
    for (const [id, sealed] of changed) at("walks").put(sealed, id);
    for (const id of gone) {
      at("walks").delete(Number(id));
      at("kept").delete(`marks:${id}`);
    }
    at("kept").put(versions, "versions");
    at("kept").put(answer.position, "position");
    keepRule(at, answer.stamp);
    at("kept").put(Date.now(), "fetched");
  });
}

/** The walks that are here already, with what is new about their doors. */
async function retold(seen) {
  const told = Object.entries(seen).filter(([, doors]) => Object.keys(doors).length);
  return Promise.all(told.map(async ([id, doors]) => {
    const walk = await decrypt(await get("walks", Number(id)));
    for (const door of walk.doors) if (door.h in doors) door.seen = doors[door.h];
    return walk;
  }));
}

/** Every walk on the phone, decrypted, in the order of their days. */
export async function walks() {
  return inOrder(await Promise.all((await all("walks")).map(decrypt)));
}

/** Walks in the order of their days. @param {any[]} found */
export const inOrder = (found) => found.sort((one, other) => one.day.localeCompare(other.day) || one.number - other.number);
