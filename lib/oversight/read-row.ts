import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import { authenticators } from "@/db/schema/step-up";
import { mayReadAudit } from "@/lib/access/access";
import { type RowLog, type RowVerdict, verifyRow } from "@/lib/audit/log/verify-row";
import type { Person } from "@/lib/people/person";
import { type LogRow, selectRows } from "./select-rows";

export type VerifiedRow = {
  row: LogRow;
  /** Hex SHA-256 that the row commits to, and the app's MAC. */
  digest: string | null;
  mac: string | null;
  /** As its owner called it last. */
  authenticatorName: string | null;
  /** A passkey's signature that the row keeps; its credential by id. */
  credentialId: string | null;
  verdict: Pick<RowVerdict, "index" | "told" | "checks">;
};

const signed = z.object({ assertion: z.object({ credentialId: z.string() }) });

/**
 * One row with all that it holds openly, verified now, for administrators and auditors. What is sealed in it is
 * compared with its commitment and handed to nobody. null: there is none, or not for this person.
 */
export async function readVerifiedRow(log: RowLog, reader: Person, id: string): Promise<VerifiedRow | null> {
  if (!mayReadAudit(reader) || !z.guid().safeParse(id).success) return null;
  const where = eq(auditEvents.id, id);
  const [row] = await selectRows(log.read, { where, order: "newest", from: null, limit: 1 });
  const verdict = row ? await verifyRow(log, id) : null;
  if (!row || !verdict) return null;
  const { digest, mac, detail } = verdict.row;
  return {
    row,
    digest,
    mac,
    authenticatorName: await nameOf(log.read, row.authenticatorId),
    credentialId: signed.safeParse(detail).data?.assertion.credentialId ?? null,
    verdict: { index: verdict.index, told: verdict.told, checks: verdict.checks },
  };
}

async function nameOf(read: Reader, authenticatorId: string | null): Promise<string | null> {
  if (!authenticatorId) return null;
  const [one] = await read
    .select({ name: authenticators.name })
    .from(authenticators)
    .where(eq(authenticators.id, authenticatorId));
  return one?.name ?? null;
}
