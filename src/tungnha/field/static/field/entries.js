// What happened at a door, as ledger entries (docs/sync.md). An entry is sealed the moment it is made: from then on only
// the server can read it, and it stays in the outbox until the server says that it is durably kept.

import { seal } from "./hpke.js";
import { all, get, put, within } from "./storage.js";
import { decrypt, encrypt } from "./vault.js";

const bytes = new TextEncoder();
const INFO = bytes.encode("tungnha entry 1");

/** A new id: time in milliseconds, then 74 random bits (RFC 9562, version 7). @param {number} [now] */
export function uuid7(now = Date.now()) {
  const made = crypto.getRandomValues(new Uint8Array(16));
  for (let place = 0; place < 6; place += 1) made[place] = Math.floor(now / 2 ** (8 * (5 - place))) % 256;
  made[6] = 0x70 | (made[6] & 0x0f);
  made[8] = 0x80 | (made[8] & 0x3f);
  const hex = Array.from(made, (one) => one.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/**
 * @typedef {{ outcome: string, at: string, id: string, state: "waiting" | "kept" | "held" }} Mark what the phone
 * remembers of a door: enough to go on with, nothing about a person
 * @typedef {{ id: number, campaign: string, unit: { id: number, name: string }, doors: any[], [key: string]: any }} Walk
 */

let turn = Promise.resolve();

/**
 * One change of the marks after the other: they are kept as a whole, and the later must not undo the earlier.
 * @template T @param {() => Promise<T>} work @returns {Promise<T>}
 */
function inTurn(work) {
  const mine = turn.then(work);
  turn = mine.then(() => {}, () => {});
  return mine;
}

/**
 * Save one entry and what the phone remembers of it, both or neither. `marks` changes only once both are on the disk.
 * @param {{ key: Uint8Array, user: number }} device whom it is sealed to, and who records
 * @param {Walk} walk
 * @param {Record<string, Mark>} marks the walk's marks, by household
 * @param {{ kind: string, version: number, body: any, household?: number, premises?: number, corrects?: string }} said
 * @returns {Promise<string>} the entry's id
 */
export const save = (device, walk, marks, said) => inTurn(async () => {
  const id = uuid7();
  const { kind, version, body, ...subject } = said;
  const entry = {
    id, kind, version, occurred_at: new Date().toISOString(), campaign: walk.campaign, unit: walk.unit.id, actor: device.user,
    ...subject, body,
  };
  const sealed = await seal(device.key, bytes.encode(JSON.stringify(entry)), INFO);
  /** @type {Record<string, Mark>} */
  const mark = said.household
    ? { [said.household]: { outcome: body.outcome ?? "", at: entry.occurred_at, id, state: "waiting" } }
    : {};
  const kept = await encrypt({ ...marks, ...mark });
  await within(["outbox", "kept"], "readwrite", (at) => {
    at("outbox").put({ id, sealed, by: device.user }, id);
    at("kept").put(kept, `marks:${walk.id}`);
  });
  Object.assign(marks, mark);
  return id;
});

/** What the phone remembers of a walk's doors. @param {number} walk @returns {Promise<Record<string, Mark>>} */
export async function marksOf(walk) {
  const kept = await get("kept", `marks:${walk}`);
  // What another key sealed, before this phone was cleared, is nothing to us.
  return kept ? decrypt(kept).catch(() => ({})) : {};
}

/**
 * Note what the server said of entries that were waiting.
 * @param {number} walk @param {Record<string, Mark>} marks
 */
export const settle = (walk, marks) => inTurn(async () => {
  const said = new Map((await all("sent")).map(({ id, state }) => [id, state]));
  const told = Object.values(marks).filter((mark) => mark.state === "waiting" && said.has(mark.id));
  for (const mark of told) mark.state = said.get(mark.id);
  if (told.length) await put("kept", `marks:${walk}`, await encrypt(marks));
});
