// Words: every text a person sees stands in the page, where Django translated it; here they are only looked up.

/** @type {Map<string | undefined, string>} */
const words = new Map();

/**
 * A text by its name, with `{places}` filled in.
 * @param {string} name
 * @param {Record<string, string | number>} [facts]
 * @returns {string}
 */
export function say(name, facts = {}) {
  if (!words.size) for (const one of document.querySelectorAll("#words dd")) words.set(one.dataset.word, one.textContent ?? "");
  const found = words.get(name);
  if (found === undefined) throw new Error(`no word ${name}`);
  return found.replace(/\{(\w+)\}/g, (_, place) => String(facts[place] ?? ""));
}

/**
 * The form in which text is searched, as `territory.vietnamese.fold` on the server.
 * @param {string} text
 */
export const fold = (text) =>
  text.toLowerCase().replaceAll("đ", "d").normalize("NFD").replace(/\p{Mn}/gu, "").replace(/\s+/g, " ").trim();

/**
 * An element with attributes and children. Text is always set as text, never as markup.
 * @param {string} tag `div`, or `div.class.class`
 * @param {Record<string, any>} [given] attributes; a function under `onclick` and the like listens
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElement}
 */
export function el(tag, given = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name);
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(given)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}
