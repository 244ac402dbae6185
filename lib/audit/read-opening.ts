import { eq, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { auditEvents, auditSubjectKeys } from "@/db/schema/audit";
import { type KeyRing, SealError } from "@/lib/platform/key-ring";
import { type Opening, openingText, parseOpening } from "./opening";
import { openSubjectKey } from "./subject-keys";

/**
 * `erased`: the record's key is gone, and its row says so. `unreadable`: the key ring lacks a key, there is no such key,
 * or the row was tampered with.
 */
export type OpeningState = "none" | "open" | "erased" | "unreadable";

export type ReadOpening = { state: OpeningState; text: string | null; told: Opening | null };

const keyId = sql`split_part(${auditEvents.sealed}, '.', 2)`;

/**
 * Joins a row to the key that its opening is sealed under: the id stands in the sealed text. Cast where it is one
 * alone: what the database's owner writes there must be named by those who check it, and not stop them.
 */
export const isSealingKey = eq(
  auditSubjectKeys.id,
  sql`case when ${keyId} ~ '^[0-9a-f]{32}$' then (${keyId})::uuid end`,
);

export async function readOpening(
  read: Reader,
  ring: KeyRing,
  row: { id: string; sealed: string | null },
): Promise<ReadOpening> {
  if (row.sealed === null) return nothing("none");
  const [key] = await read
    .select({ id: auditSubjectKeys.id, sealedKey: auditSubjectKeys.sealedKey })
    .from(auditSubjectKeys)
    .innerJoin(auditEvents, isSealingKey)
    .where(eq(auditEvents.id, row.id));
  return openWith(ring, row, key ?? null);
}

/** Opens what a row tells with the stored key of its record. */
export function openWith(
  ring: KeyRing,
  row: { id: string; sealed: string | null },
  key: { id: string; sealedKey: string | null } | null,
): ReadOpening {
  if (row.sealed === null) return nothing("none");
  // Erasing empties a key's row and keeps it: where there is none, somebody deleted it, or changed what is sealed.
  if (!key) return nothing("unreadable");
  if (!key.sealedKey) return nothing("erased");
  try {
    const text = openingText(
      [openSubjectKey(ring, { id: key.id, sealedKey: key.sealedKey })],
      row.id,
      row.sealed,
    );
    return { state: "open", text, told: parseOpening(text) };
  } catch (error) {
    if (error instanceof SealError) return nothing("unreadable");
    throw error;
  }
}

function nothing(state: OpeningState): ReadOpening {
  return { state, text: null, told: null };
}
