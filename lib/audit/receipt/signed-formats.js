// @ts-check

/*
 * Runs in the receipt's page, offline: the formats that signatures and hashes are made over, read strictly. What can
 * be spelt in two ways, or is cut short, throws. Nothing here comes from a library, so that an auditor can read it all.
 */

const utf8 = new TextEncoder();

/** The algorithm, or the whole of Web Crypto, is not there: says nothing about what was to be checked. */
export class NotSupported extends Error {}

/** @param {boolean} fits @param {string} what @returns {asserts fits} */
export function must(fits, what) {
  if (!fits) throw new Error(what);
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export function bytesOf(text) {
  return utf8.encode(text);
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
export function textOf(bytes) {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** @param {Uint8Array[]} parts @returns {Uint8Array<ArrayBuffer>} */
export function join(...parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** @param {Uint8Array} one @param {Uint8Array} other */
export function equal(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** @param {Uint8Array} bytes */
export function hexOf(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {Uint8Array} bytes */
export function toBase64(bytes) {
  return btoa([...bytes].map((byte) => String.fromCharCode(byte)).join(""));
}

/** @param {Uint8Array} bytes */
export function toBase64url(bytes) {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Standard base64 (RFC 4648 § 4) in its one spelling. @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export function fromBase64(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  must(toBase64(bytes) === text, "base64 in another spelling");
  return bytes;
}

/** Base64url without padding (RFC 4648 § 5) in its one spelling. @param {string} text */
export function fromBase64url(text) {
  const bytes = fromBase64(
    text
      .replaceAll("-", "+")
      .replaceAll("_", "/")
      .padEnd(Math.ceil(text.length / 4) * 4, "="),
  );
  must(toBase64url(bytes) === text, "base64url in another spelling");
  return bytes;
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export function fromHex(text) {
  must(/^([0-9a-f]{2})*$/.test(text), "not hexadecimal");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** @param {Uint8Array<ArrayBuffer>[]} parts */
export async function sha256(...parts) {
  if (!globalThis.crypto?.subtle) throw new NotSupported("Web Crypto");
  return new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
}

/**
 * JSON in its RFC 8785 form: another text with the same meaning, or one with a member twice, throws.
 * @param {string} text @param {string} format what its member `format` has to say
 */
export function parseCanonical(text, format) {
  const value = JSON.parse(text);
  must(canonical(value) === text && textOf(bytesOf(text)) === text, "JSON that can be read in two ways");
  must(value?.format === format, `not of the format ${format}`);
  return value;
}

/** @param {unknown} value @returns {string} */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`;
}

/**
 * Whether a leaf's data is in the tree of that root and size, by its audit path (RFC 9162 § 2.1.3.2).
 * @param {import("./receipt-data").ProvenRow} row
 * @param {{ size: number, root: Uint8Array }} head
 */
export async function isInTree({ leaf, index, proof }, { size, root }) {
  must(Number.isSafeInteger(index) && index >= 0 && index < size, "an index beyond the tree");
  let [node, last, hash] = [index, size - 1, await sha256(Uint8Array.of(0), bytesOf(leaf))];
  for (const sibling of proof.map(fromBase64)) {
    if (last === 0 || sibling.length !== 32) return false;
    const isRight = node % 2 === 1 || node === last;
    hash = await sha256(Uint8Array.of(1), ...(isRight ? [sibling, hash] : [hash, sibling]));
    // A node on the right edge without a sibling goes up as it is, until it is a right child.
    while (isRight && node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && equal(hash, root);
}

/**
 * The text and signatures of a checkpoint (c2sp.org/tlog-checkpoint), and what the text says.
 * @param {string} note
 */
export function parseCheckpoint(note) {
  const end = note.lastIndexOf("\n\n");
  must(end > 0 && note.endsWith("\n"), "not a signed note");
  const signatures = note
    .slice(end + 2, -1)
    .split("\n")
    .map((line) => {
      const [, name, encoded] = /^\u2014 ([^\s+]+) (\S+)$/u.exec(line) ?? [];
      must(name !== undefined && encoded !== undefined, "a line that is no signature");
      return { name, bytes: fromBase64(encoded) };
    });
  const [origin, size, root, ...extensions] = note.slice(0, end).split("\n");
  must(/^(0|[1-9]\d{0,15})$/.test(size ?? "") && Number.isSafeInteger(Number(size)), "no size");
  must(Boolean(origin) && root !== undefined && !extensions.includes(""), "not a checkpoint");
  const head = { origin: origin ?? "", size: Number(size), root: fromBase64(root) };
  must(head.root.length === 32, "no root");
  return { text: note.slice(0, end + 1), signatures, head };
}

/** A verifier key for Ed25519 whose id fits (c2sp.org/signed-note). @param {string} vkey */
export async function parseVerifierKey(vkey) {
  const [, name, id, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(vkey) ?? [];
  must(name !== undefined && encoded !== undefined, "not a verifier key");
  const typed = fromBase64(encoded);
  must(typed.length === 33 && typed[0] === 1, "not a key for Ed25519");
  const keyId = (await sha256(bytesOf(`${name}\n`), typed)).subarray(0, 4);
  must(hexOf(keyId) === id, "the key's id does not fit");
  return { name, keyId, publicKey: typed.slice(1) };
}

/**
 * CBOR (RFC 8949) as far as keys need it: whole numbers, bytes, text and maps of them, in the shortest form alone.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export function decodeCbor(bytes) {
  let at = 0;

  function take(/** @type {number} */ count) {
    must(at + count <= bytes.length, "CBOR that is cut short");
    at += count;
    return bytes.subarray(at - count, at);
  }

  function argument(/** @type {number} */ info) {
    if (info < 24) return info;
    const width = { 24: 1, 25: 2, 26: 4 }[info];
    must(width !== undefined, "CBOR of another kind");
    const value = take(width).reduce((sum, byte) => sum * 256 + byte, 0);
    must(
      value >= { 1: 24, 2: 0x100, 4: 0x1_0000 }[/** @type {1 | 2 | 4} */ (width)],
      "CBOR in a longer form",
    );
    return value;
  }

  /** @returns {unknown} */
  function item(depth = 0) {
    const [head = 0] = take(1);
    const [major, value] = [head >> 5, argument(head & 31)];
    if (major === 0) return value;
    if (major === 1) return -1 - value;
    if (major === 2) return take(value);
    if (major === 3) return textOf(take(value));
    must(major === 5 && depth === 0, "CBOR of another kind");
    const map = new Map();
    for (let left = value; left > 0; left -= 1) {
      const key = item(1);
      must((typeof key === "number" || typeof key === "string") && !map.has(key), "a member twice");
      map.set(key, item(1));
    }
    return map;
  }

  const value = item();
  must(at === bytes.length, "bytes after the CBOR");
  return value;
}

/**
 * Whether `signature` is the one of that COSE key (RFC 9053: ES256, EdDSA with Ed25519, RS256) over `data`. Throws
 * for any other key, NotSupported where the browser has not got the algorithm.
 * @param {Uint8Array<ArrayBuffer>} cose
 * @param {Uint8Array<ArrayBuffer>} signature
 * @param {Uint8Array<ArrayBuffer>} data
 */
export async function isSignedByCose(cose, signature, data) {
  const key = decodeCbor(cose);
  must(key instanceof Map, "not a COSE key");
  const bytes = (/** @type {number} */ member) => {
    const value = key.get(member);
    must(value instanceof Uint8Array, "a key without its numbers");
    return /** @type {Uint8Array<ArrayBuffer>} */ (value);
  };
  const kind = [key.get(1), key.get(3), key.size].join();
  if (kind === "2,-7,5" && key.get(-1) === 1) return isEs256(bytes(-2), bytes(-3), signature, data);
  if (kind === "1,-8,4" && key.get(-1) === 6) return isEd25519(bytes(-2), signature, data);
  if (kind === "3,-257,4") return isRs256(bytes(-1), bytes(-2), signature, data);
  throw new Error("a key of another kind");
}

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/** @param {Bytes} x @param {Bytes} y @param {Bytes} signature @param {Bytes} data */
async function isEs256(x, y, signature, data) {
  must(x.length === 32 && y.length === 32, "not a point of P-256");
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const key = await crypto.subtle.importKey("raw", join(Uint8Array.of(4), x, y), algorithm, false, [
    "verify",
  ]);
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, rawFromDer(signature), data);
}

/** @param {Bytes} n @param {Bytes} e @param {Bytes} signature @param {Bytes} data */
async function isRs256(n, e, signature, data) {
  // With exponent 1 anybody signs; a short modulus has been factored.
  must(n.length >= 256 && n[0] !== 0 && hexOf(e) === "010001", "a weak RSA key");
  const jwk = { kty: "RSA", n: toBase64url(n), e: toBase64url(e) };
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);
  return crypto.subtle.verify(algorithm.name, key, signature, data);
}

/** @param {Bytes} publicKey @param {Bytes} signature @param {Bytes} data */
export async function isEd25519(publicKey, signature, data) {
  must(publicKey.length === 32 && signature.length === 64, "not Ed25519");
  await needEd25519();
  const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", key, signature, data);
}

/** Asked with a key that is good for certain (RFC 8032 § 7.1, TEST 1): a refusal is about the browser. */
async function needEd25519() {
  const good = fromHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  await crypto.subtle.importKey("raw", good, "Ed25519", false, ["verify"]).catch(() => {
    throw new NotSupported("Ed25519");
  });
}

/**
 * An ECDSA signature as Web Crypto takes it (r ‖ s, 32 bytes each) from DER (RFC 3279 § 2.2.3): two positive numbers
 * in the shortest form, and nothing else.
 * @param {Bytes} der
 */
export function rawFromDer(der) {
  must(der[0] === 0x30 && der[1] === der.length - 2 && der.length < 0x80, "not a DER sequence");
  const [r, afterR] = positive(der, 2);
  const [s, afterS] = positive(der, afterR);
  must(afterS === der.length, "bytes after the signature");
  return join(new Uint8Array(32 - r.length), r, new Uint8Array(32 - s.length), s);
}

/** @param {Bytes} der @param {number} at @returns {[Bytes, number]} */
function positive(der, at) {
  const length = der[at + 1] ?? 0;
  const end = at + 2 + length;
  must(der[at] === 2 && length > 0 && end <= der.length, "not a DER number");
  const [first = 0, second = 0] = der.subarray(at + 2, end);
  must(first < 0x80, "a negative number");
  // A zero in front is there to keep the number positive, and for nothing else.
  must(first !== 0 || (length > 1 && second >= 0x80), "a number in a longer form");
  const digits = der.slice(first === 0 ? at + 3 : at + 2, end);
  must(digits.length <= 32, "a number beyond the curve");
  return [digits, end];
}
