// Talking to the server: entries up, walks down. Everything may be repeated, cut off or reordered without harm.

import { all, get, put, wipe, within } from "./storage.js";
import { decrypt, encrypt } from "./vault.js";

const BATCH = 30;
const PATIENCE = 20_000;
const KEPT_AFTER = 72 * 3_600_000;

/** The session is over: reported lost, run out, or the person's role ended. Everything readable here is gone. */
export class Over extends Error {}
/** No answer, or one that says to try later. Nothing is lost by it. */
export class NotNow extends Error {}

/** @param {Uint8Array} data */
const base64 = (data) => btoa(Array.from(data, (one) => String.fromCharCode(one)).join(""));

/**
 * @param {string} address @param {string} token @param {any} [body]
 * @returns {Promise<any>}
 */
export async function ask(address, token, body) {
  let answer;
  try {
    answer = await fetch(address, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch (error) {
    throw new NotNow(String(error));
  }
  if (answer.status === 401) {
    await wipe();
    throw new Over();
  }
  if (!answer.ok) throw new NotNow(`${answer.status}`);
  try {
    return await answer.json();
  } catch (error) {
    throw new NotNow(String(error)); // the answer was cut off on its way: the entries are sent again, which changes nothing
  }
}

/**
 * Send what waits. What the server answers for is durable there: accepted, known or held. It leaves the outbox, and is
 * kept sealed for three days more, in case the server has to be restored from a backup that is older.
 * @param {string} token
 * @returns {Promise<Record<string, "kept" | "held">>}
 */
export async function push(token) {
  await afterRestore(token);
  /** @type {Record<string, "kept" | "held">} */
  const sent = {};
  const waiting = await all("outbox");
  for (let from = 0; from < waiting.length; from += BATCH) {
    const batch = new Map(waiting.slice(from, from + BATCH).map((one) => [one.id, one]));
    const entries = [...batch.values()].map(({ id, sealed }) => ({ id, sealed: base64(sealed) }));
    const { answers, head } = await ask("/api/sync/v1/entries", token, { sent_at: new Date().toISOString(), entries });
    const settled = answers.filter(({ id }) => batch.has(id));
    await within(["outbox", "sent", "kept"], "readwrite", (at) => {
      for (const { id } of settled) {
        at("outbox").delete(id);
        at("sent").put({ ...batch.get(id), at: Date.now() }, id);
      }
      at("kept").put(head, "head");
    });
    for (const { id, status } of settled) sent[id] = status === "held" ? "held" : "kept";
  }
  await forgetOld();
  return sent;
}

/** Ask whether the server still has what it said it had; put back into the outbox what it does not. @param {string} token */
async function afterRestore(token) {
  const head = await get("kept", "head");
  if (!head) return;
  const { rolled_back } = await ask(`/api/sync/v1/state?position=${head.position}&hash=${head.hash}`, token);
  if (!rolled_back) return;
  const kept = await all("sent");
  const { unknown } = await ask("/api/sync/v1/known", token, { ids: kept.map(({ id }) => id) });
  await within(["outbox", "sent", "kept"], "readwrite", (at) => {
    for (const { id, sealed } of kept.filter((one) => unknown.includes(one.id))) {
      at("outbox").put({ id, sealed }, id);
      at("sent").delete(id);
    }
    at("kept").delete("head");
  });
}

async function forgetOld() {
  const old = (await all("sent")).filter(({ at }) => Date.now() - at > KEPT_AFTER);
  if (old.length) await within(["sent"], "readwrite", (at) => old.forEach(({ id }) => at("sent").delete(id)));
}

/**
 * Fetch the walks that changed; forget those that are no longer this person's.
 * @param {string} token
 * @returns {Promise<void>}
 */
export async function pull(token) {
  const versions = (await get("kept", "versions")) ?? {};
  const have = Object.entries(versions).map(([id, version]) => `${id}:${version}`).join(",");
  const answer = await ask(`/api/field/walks?have=${encodeURIComponent(have)}`, token);
  const changed = await Promise.all(answer.walks.map(async (walk) => [walk, await encrypt(walk)]));
  const gone = Object.keys(versions).filter((id) => !answer.yours.includes(Number(id)));
  for (const [walk] of changed) versions[walk.id] = walk.version;
  for (const id of gone) delete versions[id];
  await within(["walks", "kept"], "readwrite", (at) => {
    for (const [walk, sealed] of changed) at("walks").put(sealed, walk.id);
    for (const id of gone) {
      at("walks").delete(Number(id));
      at("kept").delete(`marks:${id}`);
    }
    at("kept").put(versions, "versions");
    at("kept").put(Date.now(), "fetched");
  });
}

/** Every walk on the phone, decrypted, in the order of their days. */
export async function walks() {
  const found = await Promise.all((await all("walks")).map(decrypt));
  return found.sort((one, other) => one.day.localeCompare(other.day) || one.number - other.number);
}

/** What the phone remembers of a walk's doors. @param {number} walk */
export async function marksOf(walk) {
  const kept = await get("kept", `marks:${walk}`);
  return kept ? decrypt(kept) : {};
}

/**
 * Note what the server said of entries.
 * @param {number} walk @param {Record<string, import("./entries.js").Mark>} marks
 * @param {Record<string, "kept" | "held">} sent
 */
export async function settle(walk, marks, sent) {
  const told = Object.values(marks).filter((mark) => mark.id in sent);
  if (!told.length) return;
  for (const mark of told) mark.state = sent[mark.id];
  await put("kept", `marks:${walk}`, await encrypt(marks));
}
