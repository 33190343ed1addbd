// What happened at a door, as ledger entries (docs/sync.md). An entry is sealed the moment it is made: from then on only
// the server can read it, and it stays in the outbox until the server says that it is durably kept.

import { seal } from "./hpke.js";
import { within } from "./storage.js";
import { encrypt } from "./vault.js";

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

/**
 * Save one entry and what the phone remembers of it, both or neither.
 * @param {{ key: Uint8Array }} server whom it is sealed to
 * @param {Walk} walk
 * @param {Record<string, Mark>} marks the walk's marks, by household; this writes the new state of all of them
 * @param {{ kind: string, version: number, body: any, household?: number, premises?: number, corrects?: string }} said
 * @returns {Promise<string>} the entry's id
 */
export async function save(server, walk, marks, said) {
  const id = uuid7();
  const { kind, version, body, ...subject } = said;
  const entry = { id, kind, version, occurred_at: new Date().toISOString(), campaign: walk.campaign, unit: walk.unit.id, ...subject, body };
  const sealed = await seal(server.key, bytes.encode(JSON.stringify(entry)), INFO);
  if (said.household) {
    marks[said.household] = { outcome: body.outcome ?? "", at: entry.occurred_at, id, state: "waiting" };
  }
  const kept = await encrypt(marks);
  await within(["outbox", "kept"], "readwrite", (at) => {
    at("outbox").put({ id, sealed }, id);
    at("kept").put(kept, `marks:${walk.id}`);
  });
  return id;
}
