// The app on the home screen: where the browser offers that, a button; on an iPhone, in words. There a browser deletes what
// a page has kept after seven days without use, and an installed app begins with nothing: so it is said before the PIN.

import { el, say } from "./text.js";

/** @type {(Event & { prompt: () => Promise<unknown> }) | null} */
let offered = null;

const installed = () => matchMedia("(display-mode: standalone)").matches || /** @type {any} */ (navigator).standalone === true;

/** What to do to have the app on the home screen; empty where it is there, or where the browser cannot. */
export function hint() {
  const place = el("div.install", {});
  if (installed()) return place;
  if (offered) {
    const ask = async () => {
      const asking = offered;
      offered = null; // it may be asked once
      place.replaceChildren();
      await asking?.prompt();
    };
    place.append(el("p", {}, say("install-why")), el("button", { type: "button", onclick: ask }, say("install")));
  } else if ("standalone" in navigator) {
    place.append(el("p", {}, say("install-iphone"))); // only Apple's browsers have that word
  }
  return place;
}

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault(); // the button asks, not the browser in the middle of a visit
  offered = /** @type {any} */ (event);
  document.querySelector(".install")?.replaceWith(hint());
});
addEventListener("appinstalled", () => {
  offered = null;
  document.querySelector(".install")?.replaceChildren();
});
