// Sealing to the server's public key: HPKE, base mode, one message (RFC 9180), with DHKEM(P-256, HKDF-SHA256),
// HKDF-SHA256 and AES-256-GCM. P-256, because older phones' browsers have no X25519.
// The server opens with the `cryptography` package; a test holds the two together.

const text = new TextEncoder();
const HASH = 32;
const KEM = Uint8Array.of(...text.encode("KEM"), 0x00, 0x10);
const SUITE = Uint8Array.of(...text.encode("HPKE"), 0x00, 0x10, 0x00, 0x01, 0x00, 0x02);

/** @param {...Uint8Array} parts */
function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

/** @param {Uint8Array} key @param {Uint8Array} data */
async function hmac(key, data) {
  // WebCrypto takes no empty key; a key of zeros is the same one for HMAC.
  const held = key.length ? key : new Uint8Array(HASH);
  const imported = await crypto.subtle.importKey("raw", held, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}

/** @param {Uint8Array} suite @param {Uint8Array} salt @param {string} label @param {Uint8Array} secret */
const extract = (suite, salt, label, secret) => hmac(salt, join(text.encode("HPKE-v1"), suite, text.encode(label), secret));

/** The first `length` bytes, 32 at the most, which is all that is needed here. */
async function expand(suite, key, label, info, length) {
  const said = join(Uint8Array.of(length >> 8, length & 255), text.encode("HPKE-v1"), suite, text.encode(label), info);
  return (await hmac(key, join(said, Uint8Array.of(1)))).slice(0, length);
}

/**
 * Seal a message so that only the server can read it. The phone itself cannot read it again.
 * @param {Uint8Array} publicKey P-256 point, uncompressed, 65 bytes
 * @param {Uint8Array} message
 * @param {Uint8Array} info what it is sealed for
 * @returns {Promise<Uint8Array>} the encapsulated key (65 bytes) and the ciphertext
 */
export async function seal(publicKey, message, info) {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const theirs = await crypto.subtle.importKey("raw", publicKey, curve, false, []);
  const ours = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const encapsulated = new Uint8Array(await crypto.subtle.exportKey("raw", ours.publicKey));
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, ours.privateKey, 256));
  const none = new Uint8Array(0);
  const kemKey = await extract(KEM, none, "eae_prk", shared);
  const secret = await expand(KEM, kemKey, "shared_secret", join(encapsulated, publicKey), HASH);
  const context = join(
    Uint8Array.of(0),
    await extract(SUITE, none, "psk_id_hash", none),
    await extract(SUITE, none, "info_hash", info),
  );
  const schedule = await extract(SUITE, secret, "secret", none);
  const key = await expand(SUITE, schedule, "key", context, 32);
  const nonce = await expand(SUITE, schedule, "base_nonce", context, 12);
  const cipher = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  return join(encapsulated, new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, cipher, message)));
}
