import { and, asc, eq, gt, inArray, lt, or, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { auditEvents, auditLeaves, auditQueue } from "@/db/schema/audit";
import { type StoredRow, storedColumns } from "../stored";
import { isLeafOfRow } from "./read-leaves";

/** Rows with their leaf in the tree, as far as they have one, and whether they wait for it. */
export function selectWithLeaf(read: Reader) {
  return read
    .select({
      row: storedColumns,
      index: auditLeaves.index,
      waits: sql<boolean>`${auditQueue.seq} is not null`,
    })
    .from(auditEvents)
    .leftJoin(auditLeaves, isLeafOfRow)
    .leftJoin(auditQueue, eq(auditQueue.seq, auditEvents.seq));
}

export type RowWithLeaf = Awaited<ReturnType<typeof selectWithLeaf>>[number];

/** The row that brought the passkey of another one into the log, by the same person. */
export async function readEnrolment(
  read: Reader,
  { actorId, authenticatorId }: Pick<StoredRow, "actorId" | "authenticatorId">,
): Promise<RowWithLeaf | null> {
  if (!actorId || !authenticatorId) return null;
  const [enrolled] = await selectWithLeaf(read)
    .where(
      and(
        eq(auditEvents.actorId, actorId),
        eq(auditEvents.authenticatorId, authenticatorId),
        sql`jsonb_exists(${auditEvents.detail}, 'credential')`,
      ),
    )
    .orderBy(asc(auditEvents.seq))
    .limit(1);
  return enrolled ?? null;
}

/** The rows in between that can have ended a person's passkeys: those that enrolments.ts knows, by the indexes. */
export async function readEndings(
  read: Reader,
  enrolled: StoredRow,
  signed: StoredRow,
): Promise<StoredRow[]> {
  const personId = enrolled.actorId ?? "";
  const own = or(
    inArray(auditEvents.action, ["security.remove-factor", "link.not-me"]),
    sql`jsonb_exists(${auditEvents.detail}, 'replacedId')`,
  );
  const anothers = inArray(auditEvents.action, ["admin.approve", "link.accept-invitation"]);
  return read
    .select(storedColumns)
    .from(auditEvents)
    .where(
      and(
        or(and(eq(auditEvents.actorId, personId), own), and(eq(auditEvents.recordId, personId), anothers)),
        eq(auditEvents.outcome, "allowed"),
        eq(auditEvents.isDemo, false),
        gt(auditEvents.seq, enrolled.seq),
        lt(auditEvents.seq, signed.seq),
      ),
    )
    .orderBy(asc(auditEvents.seq));
}
