// What a note must never hold: a one-time code, a password, a telephone, a personal number. Refused on the phone, before
// it is saved. The server masks by the same rules (outreach/notes.py); a test holds the two together.

import { fold } from "./text.js";

const DATE = /(?<!\p{Nd})\p{Nd}{1,2}[./-]\p{Nd}{1,2}[./-](?:19|20)\p{Nd}{2}(?!\p{Nd})/u;
const RUN = /\p{Nd}(?:[ \t\n\r._\-\u2010-\u2015\u00b7]{0,2}\p{Nd})*/gu;
const CODE = /\b(?:otp|ma xac (?:thuc|nhan)|ma pin|pin|passcode)\b/;
const PASSWORD = /\b(?:mat khau|mk|password|pass)\b ?(?:(?:la\b|[:=]) ?[^ ]|[^ ]*[a-z][^ ]*[0-9]|[0-9]{4})/;

/**
 * Why a text may not be saved: the name of a word to show, or "" where it may.
 * @param {string} text
 * @returns {"" | "note-number" | "note-phone" | "note-code" | "note-password"}
 */
export function refused(text) {
  const plain = text.normalize("NFKC");
  const folded = fold(plain);
  if (PASSWORD.test(folded)) return "note-password";
  const code = CODE.test(folded);
  for (const run of plain.split(DATE).flatMap((part) => part.match(RUN) ?? [])) {
    const digits = run.match(/\p{Nd}/gu)?.length ?? 0;
    if (digits === 12 || digits === 9) return "note-number";
    if (code ? digits >= 4 : digits === 6 || digits === 8) return "note-code";
    if (digits >= 6) return "note-phone";
  }
  return "";
}
