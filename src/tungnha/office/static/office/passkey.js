// @ts-check
/**
 * Asks the browser for a passkey and sends its answer with the form.
 * The form says what to do (`data-passkey`: create or get); the question is JSON in the page.
 */

/** @param {string} text @returns {ArrayBuffer} */
const bytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0)).buffer;
};

/** @param {ArrayBuffer | null | undefined} buffer @returns {string | undefined} */
const text = (buffer) =>
  buffer
    ? btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
    : undefined;

/** The question as the browser wants it: bytes where JSON has text. @param {any} asked */
const question = (asked) => {
  const key = structuredClone(asked.publicKey);
  key.challenge = bytes(key.challenge);
  if (key.user) key.user.id = bytes(key.user.id);
  for (const one of [...(key.excludeCredentials ?? []), ...(key.allowCredentials ?? [])]) one.id = bytes(one.id);
  return { publicKey: key };
};

/** The answer as JSON. @param {any} credential */
const answer = (credential) => {
  const { clientDataJSON, attestationObject, authenticatorData, signature, userHandle } = credential.response;
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      clientDataJSON: text(clientDataJSON),
      attestationObject: text(attestationObject),
      authenticatorData: text(authenticatorData),
      signature: text(signature),
      userHandle: text(userHandle),
    },
  });
};

const form = /** @type {HTMLFormElement} */ (document.querySelector("form[data-passkey]"));
const asked = JSON.parse(document.getElementById("passkey-question")?.textContent ?? "{}");
const failed = /** @type {HTMLElement} */ (form.querySelector("[data-failed]"));

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  failed.hidden = true;
  try {
    const credential =
      form.dataset.passkey === "create"
        ? await navigator.credentials.create(question(asked))
        : await navigator.credentials.get(question(asked));
    /** @type {HTMLInputElement} */ (form.elements.namedItem("credential")).value = answer(credential);
    form.submit();
  } catch {
    failed.hidden = false;
  }
});
