import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/** Keys of 32 bytes by id (`[\w.-]{1,32}`); the first one seals, all of them open. */
export type KeyRing = readonly { id: string; key: Buffer }[];

/** Why a sealed text does not open. `tampered`: changed since, or sealed for another place. */
export type SealFault = "malformed" | "unknown-key" | "tampered";

const faultWords: Record<SealFault, string> = {
  malformed: "This is not sealed text",
  "unknown-key": "The key that sealed this is not in the ring",
  tampered: "Sealed text was changed, or belongs elsewhere",
};

/** Its message names neither content nor key, so that it may be logged. */
export class SealError extends Error {
  override name = "SealError";
  constructor(readonly fault: SealFault) {
    super(faultWords[fault]);
  }
}

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;
// A key id may hold dots; nonce and body cannot, so there is one way to read this.
const form = /^v1\.([\w.-]{1,32})\.([\w-]+)\.([\w-]+)$/;

/**
 * AES-256-GCM with a random 96-bit nonce under the ring's current key: `v1.<key id>.<nonce>.<ciphertext and tag>`,
 * base64url (NIST SP 800-38D; ASVS v5.0.0-11.3.2). The additional data binds the text to its place (a row, a user),
 * so that it opens nowhere else. A key is good for 2^32 texts (SP 800-38D § 8.3); rotate before that.
 */
export function seal(ring: KeyRing, plaintext: Buffer, additionalData: string): string {
  const current = ring[0];
  if (!current) throw new SealError("unknown-key");
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, current.key, nonce);
  cipher.setAAD(Buffer.from(additionalData));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return ["v1", current.id, nonce.toString("base64url"), sealed.toString("base64url")].join(".");
}

/** Opens what `seal` made for the same place, with whichever key of the ring. Throws SealError for all else. */
export function unseal(ring: KeyRing, sealed: string, additionalData: string): Buffer {
  const { keyId, nonce, ciphertext, tag } = parse(sealed);
  const key = ring.find((one) => one.id === keyId)?.key;
  if (!key) throw new SealError("unknown-key");
  try {
    const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(additionalData));
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  } catch {
    throw new SealError("tampered");
  }
}

function parse(sealed: string) {
  const [, keyId, nonceText, bodyText] = form.exec(sealed) ?? [];
  if (!keyId || !nonceText || !bodyText) throw new SealError("malformed");
  const nonce = Buffer.from(nonceText, "base64url");
  const body = Buffer.from(bodyText, "base64url");
  // One text, one form: a second spelling of the same bytes would be a second token.
  const canonical = nonce.toString("base64url") === nonceText && body.toString("base64url") === bodyText;
  if (!canonical || nonce.length !== nonceBytes || body.length < tagBytes) throw new SealError("malformed");
  return { keyId, nonce, ciphertext: body.subarray(0, -tagBytes), tag: body.subarray(-tagBytes) };
}

/** Reads `id:base64(32 bytes)` parted by commas, the current key first. Throws an Error that names no key. */
export function parseKeyRing(text: string): KeyRing {
  return text.split(",").map((part) => {
    const [id, encoded] = part.trim().split(":");
    const key = Buffer.from(encoded ?? "", "base64");
    if (!id || !/^[\w.-]{1,32}$/.test(id) || key.length !== 32) {
      throw new Error("A key ring is id:base64 of 32 random bytes, parted by commas, the current key first");
    }
    return { id, key };
  });
}

/** A key for one purpose, so that no two uses of a secret ever share one. */
export function deriveKey(secret: Buffer | string, label: string, length = 32): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "", `keyturn ${label}`, length));
}
