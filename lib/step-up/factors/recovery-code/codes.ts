import { randomInt } from "node:crypto";
import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { recoveryCodes } from "@/db/schema/step-up";
import { hashSecret } from "@/lib/platform/password-hash";

/** Crockford's base32: no I, L, O, U, so that a code read aloud or from paper is read right. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const symbols = 16;
export const codesInASet = 10;

/** A new code of 80 random bits, in groups of four: `7K2M-…` */
export function newRecoveryCode(): string {
  const text = Array.from({ length: symbols }, () => alphabet[randomInt(alphabet.length)]).join("");
  return text.replace(/(.{4})(?=.)/g, "$1-");
}

/** The code without groups and with the usual misreadings put right; null when it has another shape. */
export function normaliseRecoveryCode(typed: string): string | null {
  const text = typed
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[\s\-‐-―]/g, "")
    .replace(/O/g, "0")
    .replace(/[IL]/g, "1");
  return /^[0-9A-HJKMNP-TV-Z]{16}$/.test(text) ? text : null;
}

/**
 * Replaces a user's codes by ten new ones and returns them, this once: only argon2id hashes are kept. The first
 * three symbols are kept beside the hash as a look-up, which leaves 65 bits to guess.
 */
export async function issueRecoveryCodes(tx: Tx, userId: string): Promise<string[]> {
  await tx
    .update(recoveryCodes)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(recoveryCodes.userId, userId), isNull(recoveryCodes.usedAt), isNull(recoveryCodes.revokedAt)));
  const codes = distinctLookups();
  const rows = await Promise.all(
    codes.map(async (code) => ({ userId, lookup: code.slice(0, 3), hash: await hashSecret(code.replaceAll("-", "")) })),
  );
  await tx.insert(recoveryCodes).values(rows);
  return codes;
}

function distinctLookups(): string[] {
  const byLookup = new Map<string, string>();
  while (byLookup.size < codesInASet) {
    const code = newRecoveryCode();
    byLookup.set(code.slice(0, 3), code);
  }
  return [...byLookup.values()];
}
