import { createHash } from "node:crypto";

/**
 * What a passkey signs of a step-up: SHA-256(label ‖ nonce ‖ digest), so that its signature tells later what was
 * confirmed. `digest` in hex.
 */
export function webauthnChallengeOf(nonce: Buffer, digest: string): Buffer {
  return createHash("sha256")
    .update("keyturn webauthn step-up v1")
    .update(nonce)
    .update(Buffer.from(digest, "hex"))
    .digest();
}
