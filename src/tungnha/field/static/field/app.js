// Which screen is shown: the address after # says it, unless the phone is new, locked or wiped.

import { phone, sync, watch } from "./phone.js";
import * as screens from "./screens.js";
import { lost } from "./storage.js";
import { isOpen, exists } from "./vault.js";

const stage = /** @type {HTMLElement} */ (document.getElementById("stage"));
let shown = "";

async function screen() {
  const [, room, walkId, at] = location.hash.split("/");
  if (room === "wiped") return screens.wiped();
  if (!(await exists())) return screens.welcome(await lost());
  if (!isOpen() || !phone.device) return screens.locked();
  const walk = phone.walks.find((one) => one.id === Number(walkId));
  if (room === "walk" && walk) {
    if (at === "found") return screens.found(walk);
    if (at === "pass") return screens.pass(walk);
    const door = walk.doors.find((one) => one.h === Number(at));
    return door ? screens.door(walk, door) : screens.walk(walk);
  }
  return room === "end" ? screens.end() : screens.walkList();
}

async function show() {
  const here = location.hash;
  const made = await screen();
  stage.replaceChildren(...made.filter(Boolean));
  if (here !== shown) scrollTo(0, 0);
  shown = here;
}

// What changes in the background is shown at once, except under somebody's fingers.
watch(() => void (stage.querySelector("[data-keep]") && isOpen() ? null : show()));
addEventListener("hashchange", () => void show());
await show();
if ("serviceWorker" in navigator) await navigator.serviceWorker.register("/di/sw.js", { scope: "/di/", type: "module" });
void sync();
