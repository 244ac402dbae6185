import { hash, verify } from "@node-rs/argon2";

/** argon2id as OWASP's Password Storage Cheat Sheet has it: 19 MiB, two passes, one lane (ASVS v5.0.0-11.4.2). */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashes a password or a recovery code. Returns the PHC form, salt included. */
export function hashSecret(plain: string): Promise<string> {
  return hash(plain.normalize("NFC"), parameters);
}

/** Whether the text is the one that was hashed. A malformed hash answers false. */
export async function verifySecret(phc: string, plain: string): Promise<boolean> {
  try {
    return (await verify(phc, plain.normalize("NFC"))) === true;
  } catch {
    return false;
  }
}

let dummy: Promise<string> | undefined;

/** A hash of nothing anybody typed: unknown accounts cost the same work as known ones (threats.md 23). */
export function dummyHash(): Promise<string> {
  dummy ??= hashSecret(crypto.randomUUID());
  return dummy;
}
