// What a note must never hold: a one-time code, a password, a personal number. Refused on the phone, before it is saved.

const CODE_WORDS = /\b(otp|ma xac (?:thuc|nhan)|ma pin|pin|passcode)\b/;
const PASSWORD = /\b(mat khau|mk|password|pass)\b\s*(la|:|=)\s*\S/;

/**
 * Why a note may not be saved: the name of a word to show, or "" where it may.
 *
 * Digits are looked at with the spaces, dots and dashes between them taken out, since that is how people write them.
 * @param {string} folded the note as `fold()` gives it
 * @returns {"" | "note-number" | "note-code" | "note-password"}
 */
export function refused(folded) {
  if (PASSWORD.test(folded)) return "note-password";
  for (const run of folded.match(/\d(?:[ .-]?\d)*/g) ?? []) {
    const digits = run.replace(/\D/g, "");
    if (digits.length === 12 || digits.length === 9) return "note-number";
    if (digits.length === 6 || (digits.length >= 4 && digits.length <= 8 && CODE_WORDS.test(folded))) return "note-code";
  }
  return "";
}
