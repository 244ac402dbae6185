import { createHash, randomBytes } from "node:crypto";
import canonicalize from "canonicalize";
import { z } from "zod";
import { type KeyRing, seal, unseal } from "@/lib/platform/key-ring";

const openingFormat = "keyturn-opening-v1";

/** What a row tells of a customer, and what of it was confirmed. */
export type Told = {
  by: { name: string; email: string };
  /** Hex SHA-256 of what was confirmed; null where there was nothing to confirm. */
  digest: string | null;
  /** The text under that digest: kept for input-bound acts, so that an outsider can check them later. */
  content?: string | undefined;
  /** Base64url, of the challenge that a passkey signed. */
  nonce?: string | undefined;
  changes?: { field: string; from: string; to: string }[] | undefined;
  /** Of a customer that was created. */
  name?: string | undefined;
};

const opening = z.object({
  format: z.literal(openingFormat),
  salt: z.string(),
  by: z.object({ name: z.string(), email: z.string() }),
  digest: z.string().nullable(),
  content: z.string().optional(),
  nonce: z.string().optional(),
  changes: z.array(z.object({ field: z.string(), from: z.string(), to: z.string() })).optional(),
  name: z.string().optional(),
});

export type Opening = z.infer<typeof opening>;

/**
 * Seals what is told under the subject's key, and commits to it: the row shows a hash that a salt of 256 bits hides,
 * so that erasing the key leaves nothing to try guesses against, and whoever is given the opening can check it.
 */
export function sealOpening(
  subjectKey: KeyRing,
  rowId: string,
  told: Told,
): { sealed: string; digest: string } {
  const content = {
    format: openingFormat,
    salt: randomBytes(32).toString("base64url"),
    ...withoutGaps(told),
  };
  const text = canonicalize(content) ?? "";
  return { sealed: seal(subjectKey, Buffer.from(text), additionalData(rowId)), digest: commitmentOf(text) };
}

/** The exact text that was sealed. Throws SealError where key, row or text are not the right ones. */
export function openingText(subjectKey: KeyRing, rowId: string, sealed: string): string {
  return unseal(subjectKey, sealed, additionalData(rowId)).toString("utf8");
}

export function parseOpening(text: string): Opening {
  return opening.parse(JSON.parse(text));
}

/** Hex SHA-256 of an opening's text: what the row's `digest` must be. */
export function commitmentOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function additionalData(rowId: string): string {
  return `audit opening ${rowId}`;
}

function withoutGaps(told: Told): Record<string, unknown> {
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
}
