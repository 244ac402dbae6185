import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** Keys by id; the first one seals, all of them open. */
export type KeyRing = readonly { id: string; key: Buffer }[];

/** Not sealed by this ring, or changed since. Says no content. */
export class SealError extends Error {}

/**
 * AES-256-GCM with a random 96-bit nonce under the ring's current key: `v1.<key id>.<nonce>.<ciphertext and tag>`.
 * The additional data binds the text to its place (a row, a user), so that it opens nowhere else.
 */
export function seal(ring: KeyRing, plaintext: Buffer, additionalData: string): string {
  const current = ring[0];
  if (!current) throw new SealError("The key ring is empty");
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", current.key, nonce);
  cipher.setAAD(Buffer.from(additionalData));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return ["v1", current.id, nonce.toString("base64url"), sealed.toString("base64url")].join(".");
}

/** Opens what `seal` made; throws SealError for everything else. */
export function unseal(ring: KeyRing, sealed: string, additionalData: string): Buffer {
  const [version, id, nonceText, bodyText, ...rest] = sealed.split(".");
  const key = ring.find((one) => one.id === id)?.key;
  if (version !== "v1" || !nonceText || !bodyText || rest.length > 0) throw new SealError("This is not sealed text");
  if (!key) throw new SealError(`There is no key ${id?.slice(0, 20)} in the ring`);
  const nonce = Buffer.from(nonceText, "base64url");
  const body = Buffer.from(bodyText, "base64url");
  // One text, one form: a second spelling of the same bytes would be a second token.
  const canonical = nonce.toString("base64url") === nonceText && body.toString("base64url") === bodyText;
  if (!canonical || nonce.length !== 12 || body.length < 16) throw new SealError("This is not sealed text");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 });
    decipher.setAAD(Buffer.from(additionalData));
    decipher.setAuthTag(body.subarray(-16));
    return Buffer.concat([decipher.update(body.subarray(0, -16)), decipher.final()]);
  } catch {
    throw new SealError("Sealed text was changed, or belongs elsewhere");
  }
}

/** Reads `id:base64(32 bytes)` parted by commas, the current key first. Throws SealError with what is wrong. */
export function parseKeyRing(text: string): KeyRing {
  return text.split(",").map((part) => {
    const [id, encoded] = part.trim().split(":");
    const key = Buffer.from(encoded ?? "", "base64");
    if (!id || !/^[\w-]{1,20}$/.test(id) || key.length !== 32) {
      throw new SealError("KEYTURN_ENCRYPTION_KEYS must be id:base64 of 32 random bytes, parted by commas, the current key first.");
    }
    return { id, key };
  });
}
