import { createHash, randomBytes } from "node:crypto";

/** 256 random bits, base64url: what the cookie holds. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** What the database holds of it. The secret has full entropy, so a plain hash is enough (ASVS v5.0.0-11.4.3). */
export function hashSecretOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
