// Which screen is shown: the address after # says it, unless the phone is new, locked or wiped.

import { phone, sync, wake, watch } from "./phone.js";
import * as screens from "./screens.js";
import { lost } from "./storage.js";
import { el, say } from "./text.js";
import { isOpen, exists } from "./vault.js";

const stage = /** @type {HTMLElement} */ (document.getElementById("stage"));
const unsent = /** @type {HTMLElement} */ (document.getElementById("unsent"));
let shown = "";
let asked = 0;

async function screen() {
  const [, room, walkId, at] = location.hash.split("/");
  if (!(await exists())) return room === "wiped" ? screens.wiped() : screens.welcome(await lost());
  if (!isOpen() || !phone.device) return screens.locked();
  const walk = phone.walks.find((one) => one.id === Number(walkId));
  if (room === "walk" && walk) {
    if (at === "found") return screens.found(walk);
    if (at === "pass") return screens.pass(walk);
    const door = walk.doors.find((one) => one.h === Number(at));
    return door ? screens.door(walk, door) : screens.walk(walk, at === "map");
  }
  if (room === "position" && phone.walks.length) return screens.stamps();
  return room === "end" ? screens.end() : screens.walkList();
}

/** What tells an element again after the screen was made anew. */
const nameOf = (one) => one && stage.contains(one) && (one.id || one.getAttribute("href") || one.textContent);

async function show() {
  const mine = (asked += 1);
  const made = await screen();
  if (mine !== asked) return; // a later one is on its way
  const here = location.hash + isOpen();
  const focused = nameOf(document.activeElement);
  stage.replaceChildren(...made.filter(Boolean));
  unsent.textContent = screens.waits();
  if (!isOpen()) screens.saidLast(); // a locked phone says no address
  if (here === shown) {
    /** @type {HTMLElement | undefined} */ ([...stage.querySelectorAll("a, button, input, [tabindex]")].find((one) => nameOf(one) === focused))?.focus();
  } else {
    scrollTo(0, 0);
    // Whoever does not see the screen hears where they are. The title stays: it goes into the browser's history.
    const head = stage.querySelector("h1");
    head?.setAttribute("tabindex", "-1");
    /** @type {HTMLElement | null} */ (stage.querySelector("[autofocus]") ?? head)?.focus();
  }
  shown = here;
}

/** The browser lets nothing be kept, or the app itself is broken: said in words, since nobody can work so. */
function broken(error) {
  console.warn(error);
  stage.replaceChildren(el("h1", {}, say("broken")), el("p.message.error", { role: "alert" }, say("broken-why"), el("small", {}, ` ${error}`)));
}

const pin = () => /** @type {HTMLInputElement | null} */ (document.getElementById("pin"));

// What changes in the background is shown at once, except under somebody's fingers.
const typing = () => (isOpen() ? stage.querySelector("[data-keep], input:focus:not(#pin)") : pin()?.value || pin()?.disabled);
watch(async () => {
  unsent.textContent = screens.waits();
  if (!isOpen()) void update();
  if (!typing()) await show().catch(broken);
});
addEventListener("hashchange", () => void show().catch(broken));

// A new version waits until the phone is locked: its files are never mixed with those of the page that is open.
const workers = navigator.serviceWorker;
const before = workers?.controller;
async function update() {
  const waiting = (await workers?.getRegistration("/di/"))?.waiting;
  const field = pin();
  if (!waiting || isOpen() || field?.value) return;
  // The page comes anew in a moment: what somebody began to type would be gone.
  if (field) field.disabled = true;
  setTimeout(() => field && (field.disabled = false), 5_000); // it did not
  waiting.postMessage("take over");
}
workers?.addEventListener("controllerchange", () => before && !isOpen() && location.reload());

try {
  await wake();
  await show();
  void sync();
} catch (error) {
  broken(error);
}
// Where the browser keeps no worker, or lost it in a crash, the app only needs a network to start: nobody is kept from it.
try {
  await workers?.register("/di/sw.js", { scope: "/di/" });
  await update();
} catch (error) {
  console.warn(error);
}
