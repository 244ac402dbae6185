import { randomBytes, randomUUID } from "node:crypto";
import { and, eq, isNotNull, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { auditSubjectKeys } from "@/db/schema/audit";
import { type KeyRing, seal, unseal } from "@/lib/platform/key-ring";

/** Whose key seals what the log tells: a customer's, a contract's, else the acting person's. */
export type AuditSubject = { type: string; id: string };

/** The subject's living key as a ring of one, made on first use. */
export async function subjectRing(tx: Tx, ring: KeyRing, subject: AuditSubject): Promise<KeyRing> {
  const living = await readLiving(tx, subject);
  if (living && opens(ring, living)) return [openSubjectKey(ring, living)];
  if (living) await retire(tx, living.id);
  const id = randomUUID();
  const sealedKey = seal(ring, randomBytes(32), subjectKeyPlace(id));
  await tx
    .insert(auditSubjectKeys)
    .values({ id, subjectType: subject.type, subjectId: subject.id, sealedKey })
    .onConflictDoNothing();
  // Somebody else may have been first: theirs counts then.
  const made = await readLiving(tx, subject);
  if (!made) throw new Error("the subject's key was not written");
  return [openSubjectKey(ring, made)];
}

/** A key whose own key is missing stops nothing: new rows get another one (docs/decisions/012). */
function opens(ring: KeyRing, { sealedKey }: { sealedKey: string }): boolean {
  return ring.some(({ id }) => sealedKey.startsWith(`v1.${id}.`));
}

async function retire(tx: Tx, id: string): Promise<void> {
  await tx.update(auditSubjectKeys).set({ retiredAt: sql`now()` }).where(eq(auditSubjectKeys.id, id));
}

async function readLiving(tx: Tx, { type, id }: AuditSubject) {
  const [living] = await tx
    .select({ id: auditSubjectKeys.id, sealedKey: auditSubjectKeys.sealedKey })
    .from(auditSubjectKeys)
    .where(
      and(
        eq(auditSubjectKeys.subjectType, type),
        eq(auditSubjectKeys.subjectId, id),
        isNotNull(auditSubjectKeys.sealedKey),
        isNull(auditSubjectKeys.retiredAt),
      ),
    );
  return living?.sealedKey ? { id: living.id, sealedKey: living.sealedKey } : null;
}

/** A stored key, opened. Its id in sealed texts is the row's without dashes, which PostgreSQL reads as a uuid. */
export function openSubjectKey(ring: KeyRing, { id, sealedKey }: { id: string; sealedKey: string }) {
  return { id: id.replaceAll("-", ""), key: unseal(ring, sealedKey, subjectKeyPlace(id)) };
}

/** What a subject's key is sealed for: its own row. */
export function subjectKeyPlace(id: string): string {
  return `audit subject key ${id}`;
}

/** Erases what the log tells of these subjects, for good: rows and their hashes stay. Returns how many keys went. */
export async function eraseSubjectKeys(tx: Tx, subject: AuditSubject): Promise<number> {
  const erased = await tx
    .update(auditSubjectKeys)
    .set({ sealedKey: null, erasedAt: sql`now()` })
    .where(
      and(
        eq(auditSubjectKeys.subjectType, subject.type),
        eq(auditSubjectKeys.subjectId, subject.id),
        isNotNull(auditSubjectKeys.sealedKey),
      ),
    )
    .returning({ id: auditSubjectKeys.id });
  return erased.length;
}
