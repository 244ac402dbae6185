import { randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";

/** argon2id as OWASP's Password Storage Cheat Sheet has it: 19 MiB, two passes, one lane (ASVS v5.0.0-11.4.2). */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * Hashes a password or a recovery code. Returns the PHC form, salt included. One normal form (NFC), so that the same
 * password typed on another keyboard is the same (NIST SP 800-63B-4 § 3.1.1.2).
 */
export function hashSecret(plain: string): Promise<string> {
  return hash(plain.normalize("NFC"), parameters);
}

/** Whether the text is the one that was hashed. A malformed hash answers false; never throws. */
export async function verifySecret(phc: string, plain: string): Promise<boolean> {
  try {
    return (await verify(phc, plain.normalize("NFC"))) === true;
  } catch {
    return false;
  }
}

/**
 * The form of a hash that no text has: random in place of a digest. Comparing with it costs the same work and
 * answers false, so that unknown accounts are as slow as known ones (threats.md 23, ASVS v5.0.0-6.3.8), from the
 * first request on.
 */
export function dummyHash(): string {
  return dummy;
}

const dummy = phcForm(randomBytes(16), randomBytes(32));

function phcForm(salt: Buffer, digest: Buffer): string {
  const { memoryCost, timeCost, parallelism } = parameters;
  const base64 = (bytes: Buffer) => bytes.toString("base64").replace(/=+$/, "");
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${base64(salt)}$${base64(digest)}`;
}
