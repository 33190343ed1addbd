// The screens: each a function from the phone's state to elements. What they show is data of this phone only.

import { refused } from "./guard.js";
import { hint } from "./install.js";
import { draw } from "./map.js";
import { askAhead, enrol, giveBack, phone, record, signedIn, start, sync } from "./phone.js";
import * as position from "./position.js";
import { el, fold, say } from "./text.js";
import * as vault from "./vault.js";

/** Outcomes in their order, as the server's page lists them. */
const OUTCOMES = [...document.querySelectorAll("#outcomes option")].map((one) => ({
  name: one.value,
  label: one.textContent ?? "",
  again: one.dataset.again === "yes",
}));
const STEPS = [...document.querySelectorAll("#steps option")].map((one) => ({ step: Number(one.value), label: one.textContent ?? "" }));
const HANDS = [...document.querySelectorAll("#hands option")].map((one) => ({ name: one.value, label: one.textContent ?? "" }));

/** For how long a new entry at a door corrects the last one; later it is another visit. */
const CORRECTS = 30 * 60_000;

/**
 * How a door stands: as this phone recorded it, until the server tells of something later.
 * @param {import("./entries.js").Walk} walk @param {any} door
 */
function markOf(walk, door) {
  const mark = phone.marks.get(walk.id)?.[door.h];
  const later = mark?.state === "kept" && door.seen && Date.parse(door.seen.at) > Date.parse(mark.at);
  return mark && !later ? mark : door.seen;
}
/** @param {string} name */
const outcomeOf = (name) => OUTCOMES.find((one) => one.name === name);

/** The door's state for lists and map: "done", "again" (to be visited once more) or "". */
function look(walk, door) {
  const mark = markOf(walk, door);
  if (!mark?.outcome) return "";
  return outcomeOf(mark.outcome)?.again ? "again" : "done";
}

/** @param {string} moment */
const when = (moment) => new Date(moment).toLocaleString(document.documentElement.lang, { weekday: "short", hour: "2-digit", minute: "2-digit" });

/** @param {import("./entries.js").Walk} walk */
export const nextDoor = (walk) => walk.doors.find((door) => !look(walk, door));
const toDoor = (walk, door) => `#/walk/${walk.id}/${door.h}`;

// ------------------------------------------------------------------ the way in

/** A PIN field, and what happens with it. @param {() => void} [begun] called when typing begins */
function pinForm(label, button, given, begun = () => {}) {
  const field = el("input", {
    type: "password", inputmode: "numeric", autocomplete: "off", pattern: "\\d{6}", maxlength: 6, required: true, id: "pin",
    autofocus: true, "aria-describedby": "pin-error", oninput: () => begun(),
  });
  const press = el("button.main", {}, button);
  const error = el("p.message.error", { role: "alert", id: "pin-error", hidden: true });
  return el(
    "form.card",
    {
      onsubmit: async (event) => {
        event.preventDefault();
        if (press.disabled) return; // a second tap would count as a second try
        press.disabled = true;
        press.textContent = say("moment");
        const problem = await given(field.value).finally(() => {
          press.disabled = false;
          press.textContent = button;
        });
        field.value = "";
        error.textContent = problem;
        error.hidden = !problem;
      },
    },
    el("label", { for: "pin" }, label), field, error, press,
  );
}

/** Entries of an earlier time on this phone: nobody can read them here, and they are sent once somebody signs in. */
const left = () => phone.waiting > 0 && el("p.message", {}, say("left-here", { n: phone.waiting }));

const SIGN_IN = "/dang-nhap/?next=/di/";

export function welcome(lost) {
  const form = pinForm(say("choose-pin"), say("start"), async (pin) => {
    if (vault.weak(pin)) return say("pin-weak");
    const problem = await enrol(pin);
    if (problem === "sign-in") location.assign(SIGN_IN);
    return problem ? say(`enrol-${problem}`) : "";
  }, askAhead);
  const why = el("p", {}, say("choose-pin-why"));
  // Whoever is not signed in would choose a PIN for nothing.
  void signedIn().then((yes) => {
    if (yes || /** @type {HTMLInputElement} */ (form.querySelector("#pin")).value) return;
    why.textContent = say("enrol-sign-in");
    form.replaceWith(el("a.button.main", { href: SIGN_IN }, say("sign-in-first")));
  });
  return [
    el("h1", {}, say("welcome")),
    lost && el("p.message.error", { role: "alert" }, say("storage-lost")),
    left(), why, form, hint(),
  ];
}

export function locked() {
  sought = "";
  return [
    el("h1", {}, say("locked")),
    pinForm(say("pin"), say("unlock"), async (pin) => {
      const { open, left } = await vault.unlock(pin);
      if (open) await start();
      else if (!left) location.replace("#/wiped");
      return open ? "" : say("wrong-pin", { left });
    }),
    el("details", {}, el("summary", {}, say("forgotten")), el("p", {}, say("forgotten-why"))),
  ];
}

export const wiped = () => [
  el("h1", {}, say("wiped")), el("p", {}, say("wiped-why")), left(), el("a.button", { href: "#/" }, say("begin-again")),
];

// ------------------------------------------------------------------ walks

export const waits = () => (phone.waiting > 0 ? say("waiting", { n: phone.waiting }) : "");

function standing() {
  const text = waits() || (phone.contact === "safe" ? say("all-safe") : say("nothing-waits"));
  if (phone.contact === "sign-in") {
    return el("p.message.error", {}, waits(), " ", say("session-over"), " ", el("a", { href: SIGN_IN }, say("sign-in")));
  }
  return el(
    `div.standing${phone.waiting ? ".waits" : ""}`,
    {},
    el("span", {}, text, ["offline", "trouble"].includes(phone.contact) && el("small", {}, say(phone.contact))),
    el("button", { onclick: () => sync() }, say("sync")),
  );
}

/** Any walk says of which campaign it is. @param {any} said */
const recordConsent = (said) => record(phone.walks[0], said);

export const stamps = () => position.screen(recordConsent);

export function walkList() {
  sought = "";
  return [
    el("h1", {}, say("walks")),
    standing(),
    !phone.promised && el("p.message", {}, say("no-promise")),
    phone.walks.length > 0 && position.notice(recordConsent),
    phone.walks.length
      ? el("ul.plain", {}, ...phone.walks.map((walk) => {
          const done = walk.doors.filter((door) => look(walk, door)).length;
          return el("li", {}, el(
            "a.card.walk", { href: `#/walk/${walk.id}` },
            el("strong", {}, say("walk", { n: walk.number })), el("span", {}, walk.unit.name),
            el("span", {}, say("progress", { done, doors: walk.doors.length, minutes: walk.minutes })),
            el("progress", { value: done, max: walk.doors.length, "aria-hidden": "true" }),
          ));
        }))
      : el("p.empty", {}, say("no-walks-yet")),
    hint(),
    el("a.button", { href: "#/end" }, say("end-shift")),
  ];
}

/** What is searched for on the walk, which a sync must not take away. */
let sought = "";

/** @param {import("./entries.js").Walk} one @param {boolean} asMap */
export function walk(one, asMap) {
  const next = nextDoor(one);
  const here = `#/walk/${one.id}`;
  const list = el("ol.doors");
  const search = el("input", { type: "search", placeholder: say("search"), "aria-label": say("search"), value: sought, oninput: () => fill() });
  const fill = () => {
    sought = search.value;
    const words = fold(sought);
    const shown = one.doors.filter((door) => !words || fold(`${door.address} ${door.name} ${door.code} ${door.block}`).includes(words));
    list.replaceChildren(...shown.map((door, place) => doorLine(one, door, shown[place - 1])));
  };
  if (!asMap) fill();
  const mine = (door) => (door === next ? "next" : look(one, door));
  const map = asMap && el("div.map", {}, draw(one, mine, (door) => (location.hash = toDoor(one, door)), say("map-of", { n: one.number })));
  return [
    el("nav.back", {}, el("a", { href: "#/" }, say("walks"))),
    el("h1", {}, say("walk", { n: one.number }), el("small", {}, ` ${one.unit.name}`)),
    standing(),
    next
      ? el("a.button.main.next", { href: toDoor(one, next) }, el("small", {}, say("next-door")), `${next.n}. ${next.address}`)
      : el("p.message", {}, say("walk-done")),
    el("div.row", {}, !asMap && search, one.map && el("a.button", { href: asMap ? here : `${here}/map` }, say(asMap ? "show-list" : "show-map"))),
    map || list,
    el("div.row", {}, el("a.button", { href: `${here}/pass` }, say("pass")), el("a.button", { href: `${here}/found` }, say("found")), el("a.button", { href: "#/end" }, say("end-shift"))),
  ];
}

function doorLine(one, door, before) {
  const mark = markOf(one, door);
  const state = look(one, door);
  const block = door.block && (before?.block !== door.block || before?.floor !== door.floor) &&
    el("h2", {}, door.floor === null ? door.block : `${door.block} · ${say("floor", { n: door.floor })}`);
  return el(
    `li${state ? `.${state}` : ""}`, { value: door.n }, block,
    el("a", { href: toDoor(one, door) },
      el("span", {}, el("b", {}, `${door.n}.`), ` ${door.address}`),
      el("small", {}, `${door.name}${door.needs ? ` · ${say("needs", { n: door.needs })}` : ""}`),
      door.again && look(one, door) === "again" && el("small", {}, say("again-at", { when: when(door.again) })),
      mark?.outcome && el("small.state", {}, outcomeOf(mark.outcome)?.label ?? mark.outcome, mark.state === "held" && ` · ${say("held")}`),
    ),
  );
}

// ------------------------------------------------------------------ one door

export function door(one, at) {
  const mark = markOf(one, at);
  const mine = phone.marks.get(one.id)?.[at.h] === mark && mark?.outcome ? mark : null;
  const corrects = mine && Math.abs(Date.now() - Date.parse(mine.at)) < CORRECTS ? mine.id : null;
  const note = el("textarea", { "data-keep": true, rows: 2, maxlength: 280, id: "note", "aria-describedby": "note-warning", oninput: () => warn() });
  const warning = el("p.message.error", { role: "alert", id: "note-warning", hidden: true });
  const warn = () => tell(warning, refused(note.value));
  const panel = el("section.panel");
  const keep = once(warning, async (outcome, more = {}) => {
    if (warn()) return note.focus();
    const text = note.value.trim();
    const id = await record(one, {
      kind: "visit", version: 1, household: at.h, premises: at.p,
      body: { outcome, ...more, ...(text ? { note: text } : {}) },
      ...(corrects ? { corrects } : {}),
    });
    saved(one, at, id);
    const next = nextDoor(one);
    location.hash = next ? toDoor(one, next) : `#/walk/${one.id}`;
  });
  const takeBack = once(warning, () => undo(one, at, mine?.id));
  const choose = { done: () => people(at, panel, keep), come_back: () => later(panel, keep), away: () => away(panel, keep) };
  return [
    el("nav.back", {}, el("a", { href: `#/walk/${one.id}` }, say("walk", { n: one.number }))),
    el("h1", {}, `${at.n}. ${at.address}`),
    el("p", {}, at.name, at.floor !== null && at.block ? ` · ${at.block}, ${say("floor", { n: at.floor })}` : "", at.home && ` · ${say("home-support")}`),
    el("p.code-card", {}, el("small", {}, say("door-code")), el("strong.code", {}, at.code)),
    script(at),
    mark?.outcome && el("div.message", {},
      say(corrects ? "already" : "visited-before", { outcome: outcomeOf(mark.outcome)?.label ?? mark.outcome, when: when(mark.at) }),
      mine && el("button", { type: "button", onclick: takeBack }, say("take-back"))),
    el("div.outcomes", {}, ...OUTCOMES.map(({ name, label }) =>
      el(`button.outcome.${name}`, { type: "button", "data-outcome": name, onclick: ({ currentTarget }) => {
        currentTarget.parentElement.querySelectorAll("button").forEach((one) => one.setAttribute("aria-pressed", String(one === currentTarget)));
        (choose[name] ?? keep)(name);
      } }, label))),
    panel,
    el("label", { for: "note" }, say("note")), note, warning,
  ];
}

/** Show one word as a warning, or none. @param {HTMLElement} place @param {string} word */
function tell(place, word) {
  place.hidden = !word;
  place.textContent = word && say(word);
  return word;
}

/**
 * Something that saves: a second tap does nothing while the first is at work, and where the phone could not save, the
 * person is told so instead of nothing.
 * @template {any[]} A @param {HTMLElement} place @param {(...given: A) => Promise<unknown>} work
 */
function once(place, work) {
  let busy = false;
  return async (/** @type {A} */ ...given) => {
    if (busy) return;
    busy = true;
    try {
      await work(...given);
    } catch (error) {
      console.warn(error);
      tell(place, "not-saved");
    } finally {
      busy = false;
    }
  };
}

/** What to say at this door, to be read or to be heard. */
function script(at) {
  const words = say("script", { name: phone.device?.name ?? "", code: at.code });
  const aloud = () => {
    const spoken = new SpeechSynthesisUtterance(`${words} ${say("never-ask")}`);
    spoken.lang = document.documentElement.lang;
    speechSynthesis.cancel();
    speechSynthesis.speak(spoken);
  };
  return el("details", {}, el("summary", {}, say("what-to-say")), el("p", {}, words), el("p.message", {}, say("never-ask")),
    "speechSynthesis" in globalThis && el("button", { type: "button", onclick: aloud }, say("read-aloud")));
}

/** Who was helped with what: one tap a step; how it was done stays as it was last chosen. */
function people(at, panel, keep) {
  /** @type {Map<number, number>} */
  const reached = new Map();
  let hands = HANDS[0].name;
  // A second tap on a step takes it off again; one of the hands is always chosen.
  const chips = (choices, chosen, pick) => el("div.chips", {}, ...choices.map(([value, label]) =>
    el("button", { type: "button", "aria-pressed": String(chosen === value), onclick: ({ currentTarget }) => {
      const off = chosen === null && currentTarget.getAttribute("aria-pressed") === "true";
      currentTarget.parentElement.querySelectorAll("button").forEach((each) => each.setAttribute("aria-pressed", "false"));
      currentTarget.setAttribute("aria-pressed", String(!off));
      pick(off ? null : value);
    } }, label)));
  panel.replaceChildren(
    ...at.people.map((person) => el("fieldset", {}, el("legend", {}, person.name),
      chips(STEPS.filter(({ step }) => step > person.step).map(({ step, label }) => [step, label]), null, (step) => (step ? reached.set(person.r, step) : reached.delete(person.r))))),
    el("fieldset", {}, el("legend", {}, say("how")), chips(HANDS.map(({ name, label }) => [name, label]), hands, (name) => (hands = name))),
    el("button.main", { type: "button", onclick: () => keep("done", { steps: [...reached].map(([resident, step]) => ({ resident, step, hands })) }) }, say("save")),
  );
  panel.scrollIntoView({ block: "nearest" });
}

/** When to come back: three usual times, or one's own. */
function later(panel, keep) {
  const at = (days, hour) => {
    const day = new Date();
    day.setDate(day.getDate() + days);
    day.setHours(hour, 0, 0, 0);
    return day.toISOString();
  };
  const weekend = (6 - new Date().getDay() + 7) % 7 || 7;
  const own = el("input", { type: "datetime-local", id: "own-time" });
  const chip = (label, when) => el("button", { type: "button", onclick: () => keep("come_back", { come_back_at: when }) }, label);
  panel.replaceChildren(
    el("div.chips", {}, new Date().getHours() < 18 && chip(say("this-evening"), at(0, 19)), chip(say("tomorrow-evening"), at(1, 19)), chip(say("saturday"), at(weekend, 9))),
    el("label", { for: "own-time" }, say("own-time")), el("div.row", {}, own, el("button.main", { type: "button", onclick: () => (own.value ? keep("come_back", { come_back_at: new Date(own.value).toISOString() }) : own.focus()) }, say("save"))),
  );
}

/** Away: where in one word of four, and until when if known. */
function away(panel, keep) {
  const until = el("input", { type: "date", "aria-label": say("until") });
  const chip = (where) => el("button", { type: "button", onclick: () => keep("away", { away_to: where, ...(until.value ? { away_until: until.value } : {}) }) }, say(`away-${where}`));
  panel.replaceChildren(el("label", {}, say("until"), until), el("div.chips", {}, ...["city", "province", "abroad", "unknown"].map(chip)));
}

export function found(one) {
  const address = el("input", { "data-keep": true, required: true, minlength: 3, maxlength: 200, id: "address" });
  const people = el("input", { type: "number", min: 1, max: 30, value: 1, id: "people" });
  const warning = el("p.message.error", { role: "alert", hidden: true });
  const keep = once(warning, async () => {
    if (tell(warning, refused(address.value))) return address.focus();
    await record(one, { kind: "household-found", version: 1, body: { address: address.value.trim(), people: Number(people.value) } });
    location.hash = `#/walk/${one.id}`;
  });
  return [
    el("nav.back", {}, el("a", { href: `#/walk/${one.id}` }, say("walk", { n: one.number }))),
    el("h1", {}, say("found")), el("p", {}, say("found-why")),
    el("form.card", { onsubmit: (event) => (event.preventDefault(), keep()) },
      el("label", { for: "address" }, say("address")), address, warning, el("label", { for: "people" }, say("people")), people, el("button.main", {}, say("save"))),
  ];
}

// ------------------------------------------------------------------ after it is saved

/** Take an entry back and open its door again. */
async function undo(one, at, id) {
  await record(one, { kind: "withdrawal", version: 1, household: at.h, corrects: id, body: {} });
  saidLast();
  if (location.hash === toDoor(one, at)) dispatchEvent(new Event("hashchange"));
  else location.hash = toDoor(one, at);
}

/** What the bar at the foot says. @param {...Node} words none: nothing */
export const saidLast = (...words) => document.getElementById("saved")?.replaceChildren(...words);

/** Say that it is saved, and offer to take it back for a while. */
function saved(one, at, id) {
  const words = el("span", {}, say("saved", { address: at.address }));
  saidLast(words, el("button", { type: "button", onclick: once(words, () => undo(one, at, id)) }, say("undo")));
  setTimeout(() => words.isConnected && saidLast(), 12_000);
}

export function end() {
  const safe = phone.waiting === 0 && phone.contact === "safe";
  const warning = el("p.message.error", { role: "alert", hidden: true });
  const back = async () => confirm(say("give-back-sure")) && !(await giveBack()) && tell(warning, "give-back-later");
  return [
    el("nav.back", {}, el("a", { href: "#/" }, say("walks"))),
    el("h1", {}, say("end-shift")),
    standing(),
    safe
      ? el("p.message.safe", {}, say("everything-safe"))
      : el("p.message.error", {}, phone.waiting ? say("not-safe-yet", { n: phone.waiting }) : say("not-asked-yet")),
    safe && el("button", { type: "button", onclick: back }, say("give-back")),
    warning,
  ];
}

// ------------------------------------------------------------------ the pass

/** Today's pass: what a resident's camera reads. Drawn with a quiet zone of four modules. */
export function pass(one) {
  const rows = one.pass.modules;
  const size = rows.length + 8;
  const dark = rows.flatMap((row, y) => [...row].flatMap((cell, x) => (cell === "1" ? [`M${x + 4} ${y + 4}h1v1h-1z`] : [])));
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("class", "qr");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", say("pass"));
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", dark.join(""));
  svg.append(path);
  const today = new Date().toLocaleDateString("sv"); // as ISO 8601, in the phone's own time zone
  return [
    el("nav.back", {}, el("a", { href: `#/walk/${one.id}` }, say("walk", { n: one.number }))),
    el("h1", {}, phone.device?.name ?? ""),
    ...(one.pass.day === today ? [el("p", {}, say("pass-why")), svg] : [el("p.message.error", {}, say("pass-old")), standing()]),
  ];
}
