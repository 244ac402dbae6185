import { randomInt } from "node:crypto";
import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { recoveryCodes } from "@/db/schema/step-up";
import { hashSecret } from "@/lib/platform/password-hash";

/** Crockford's base32: no I, L, O, U, so that a code read aloud or from paper is read right. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const symbols = 16;
const lookupSymbols = 3;
export const codesInASet = 10;

/** A new code of 80 random bits, in groups of four: `7K2M-9XQ4-…` (ASVS v5.0.0-6.5.3 asks for a CSPRNG). */
export function newRecoveryCode(): string {
  const text = Array.from({ length: symbols }, () => alphabet[randomInt(alphabet.length)]).join("");
  return text.replace(/(.{4})(?=.)/g, "$1-");
}

/** The code without groups and with the usual misreadings put right; null when it has another shape. */
export function normaliseRecoveryCode(typed: string): string | null {
  const text = typed
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[\s\p{Pd}\u2212]/gu, "")
    .replace(/O/g, "0")
    .replace(/[IL]/g, "1");
  return /^[0-9A-HJKMNP-TV-Z]{16}$/.test(text) ? text : null;
}

/**
 * The part of a normalised code that is kept in the clear, so that one typed code costs one argon2id and not ten. It
 * leaves 13 symbols, 65 bits, to guess (ASVS v5.0.0-6.5.2 asks for argon2id below 112 bits).
 */
export function lookupOf(code: string): string {
  return code.slice(0, lookupSymbols);
}

/**
 * Replaces a user's unused codes by ten new ones and returns them, this once, in groups: only argon2id hashes are
 * kept. The caller's proof pays for it (threats.md 18).
 */
export async function issueRecoveryCodes(tx: Tx, userId: string): Promise<string[]> {
  const codes = distinctCodes();
  const rows = await Promise.all(
    codes.map(async (text) => {
      const code = text.replaceAll("-", "");
      return { userId, lookup: lookupOf(code), hash: await hashSecret(code) };
    }),
  );
  await tx
    .update(recoveryCodes)
    .set({ revokedAt: sql`now()` })
    .where(
      and(eq(recoveryCodes.userId, userId), isNull(recoveryCodes.usedAt), isNull(recoveryCodes.revokedAt)),
    );
  await tx.insert(recoveryCodes).values(rows);
  return codes;
}

/** Within a set no two codes share a look-up. */
function distinctCodes(): string[] {
  const byLookup = new Map<string, string>();
  while (byLookup.size < codesInASet) {
    const code = newRecoveryCode();
    byLookup.set(lookupOf(code), code);
  }
  return [...byLookup.values()];
}
