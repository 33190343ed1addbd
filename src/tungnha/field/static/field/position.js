// A coarse stamp of where a visit was recorded: the nearest street or alley of the walk, or "elsewhere". Nothing is
// stamped unless the campaign has switched it on and the volunteer has agreed. Coordinates are used here and go nowhere.

import { get, keys, within } from "./storage.js";
import { NotNow, ask } from "./sync.js";
import { el, say } from "./text.js";
import { decrypt, encrypt } from "./vault.js";

const ELSEWHERE = 0;
const NEAR = 60;
/** Metres of error from which on a place says nothing about an alley. */
const COARSEST = 200;
const METRES_A_DEGREE = 111_320;
const BATCH = 500;
const RULE = "stamp-rule";
const WAITING = "stamp:";

/**
 * What the server says of stamps in this campaign; null where they are off.
 * @type {{ wording: number, days: number, consent: boolean | null } | null}
 */
let rule = null;

/** Read what the last talk with the server left here. */
export const read = async () => void (rule = (await get("kept", RULE)) ?? null);

/** The same again after a talk; `answer` is part of what the walks came with. @param {(store: string) => IDBObjectStore} at */
export const keepRule = (at, answer) => void at("kept").put(answer ?? null, RULE);

/**
 * The street of the walk that is nearest, 0 for none of them, null where the place is too uncertain to say.
 * @param {{ s: number, at: [number, number][] }[]} streets points along each, as latitude and longitude
 * @param {{ latitude: number, longitude: number, accuracy: number }} fix
 */
export function nearest(streets, { latitude, longitude, accuracy }) {
  if (!(accuracy <= COARSEST)) return null;
  let found = ELSEWHERE;
  let least = Math.max(NEAR, accuracy);
  const east = METRES_A_DEGREE * Math.cos((latitude * Math.PI) / 180);
  for (const { s, at } of streets) {
    for (const [north, across] of at) {
      const metres = Math.hypot((north - latitude) * METRES_A_DEGREE, (across - longitude) * east);
      if (metres <= least) [found, least] = [s, metres];
    }
  }
  return found;
}

/** @returns {Promise<GeolocationCoordinates | null>} where the phone is, unless it does not know or may not say */
const here = () => new Promise((tell) => {
  if (!navigator.geolocation) tell(null);
  navigator.geolocation?.getCurrentPosition(({ coords }) => tell(coords), () => tell(null), { maximumAge: 30_000, timeout: 15_000 });
});

/**
 * Stamp a visit that was just saved. Nobody waits for it, and nothing is said where it fails.
 * @param {import("./entries.js").Walk} walk @param {string} entry the visit's id
 */
export async function stamp(walk, entry) {
  if (!rule?.consent || !walk.streets?.length) return;
  const fix = await here();
  const street = fix && nearest(walk.streets, fix);
  if (street === null) return;
  try {
    const sealed = await encrypt(street);
    if (rule?.consent) await within(["kept"], "readwrite", (at) => void at("kept").put(sealed, WAITING + entry));
  } catch (error) {
    console.warn(error); // locked meanwhile, or no space left: the visit itself is safe
  }
}

const waiting = async () => (await keys("kept")).map(String).filter((key) => key.startsWith(WAITING));

/** Send the stamps of visits that the server has. A failure is tried again with the next talk. @param {string} token */
export async function deliver(token) {
  const unsent = new Set((await keys("outbox")).map(String));
  const due = (await waiting()).filter((key) => !unsent.has(key.slice(WAITING.length))).slice(0, BATCH);
  if (!due.length) return;
  const stamps = await Promise.all(due.map(async (key) => ({ entry: key.slice(WAITING.length), street: await decrypt(await get("kept", key)) })));
  try {
    await ask("/api/field/stamps", token, { stamps });
  } catch (error) {
    if (error instanceof NotNow) return;
    throw error;
  }
  await within(["kept"], "readwrite", (at) => due.forEach((key) => at("kept").delete(key)));
}

/**
 * Agree or not, at any time. What waits goes with a refusal.
 * @param {boolean} given @param {(said: any) => Promise<unknown>} record keeps the answer as an entry
 */
async function choose(given, record) {
  if (!rule) return;
  await record({ kind: "position-consent", version: 1, body: { given, wording: rule.wording } });
  rule.consent = given;
  const gone = given ? [] : await waiting();
  await within(["kept"], "readwrite", (at) => {
    keepRule(at, rule);
    gone.forEach((key) => at("kept").delete(key));
  });
  if (given) await here(); // the browser asks now, while the person knows why
}

/** The question, with two answers of one weight. @param {(said: any) => Promise<unknown>} record */
function question(record) {
  const failed = el("p.message.error", { role: "alert", hidden: true }, say("not-saved"));
  const answer = (given, word) => el("button", { type: "button", onclick: async () => {
    try {
      await choose(given, record);
    } catch (error) {
      console.warn(error);
      failed.hidden = false;
      return;
    }
    if (location.hash === "#/") dispatchEvent(new Event("hashchange"));
    else location.hash = "#/";
  } }, say(word));
  return el("section.card", {}, el("h2", {}, say("stamp")),
    ...say("stamp-consent", { days: rule?.days ?? 0 }).split("\n").map((part) => el("p", {}, part)),
    el("div.row", {}, answer(true, "stamp-agree"), answer(false, "stamp-refuse")), failed);
}

/** For the list of walks: the question while it is open, afterwards the way back to it. @param {(said: any) => Promise<unknown>} record */
export function notice(record) {
  if (!rule) return null;
  return rule.consent === null ? question(record) : el("p", {}, standing(), " ", el("a", { href: "#/position" }, say("stamp-change")));
}

const standing = () => say(rule?.consent ? "stamp-on" : "stamp-off");

/** The screen on which an answer is changed. @param {(said: any) => Promise<unknown>} record */
export const screen = (record) => [
  el("nav.back", {}, el("a", { href: "#/" }, say("walks"))),
  el("h1", {}, say("stamp")),
  ...(rule ? [rule.consent !== null && el("p.message", {}, standing()), question(record)] : [el("p", {}, say("stamp-none"))]),
];
