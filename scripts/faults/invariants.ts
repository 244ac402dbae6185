import { and, eq, inArray, like, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { auditEvents, auditQueue, auditSubjectKeys } from "@/db/schema/audit";
import { customers } from "@/db/schema/customers";
import { evidence, grants, spentNonces } from "@/db/schema/step-up";
import type { Opening } from "@/lib/audit/opening";
import { isSealingKey, openWith } from "@/lib/audit/read-opening";
import type { KeyRing } from "@/lib/platform/key-ring";
import type { Entry, Journal } from "./journal";

type Row = {
  seq: number;
  actorId: string | null;
  action: string;
  outcome: string;
  recordId: string | null;
  factor: string | null;
  told: Opening | null;
};

/** What must hold whatever was broken. Each breach in words; none: all of it holds. */
export async function breaches(read: Reader, ring: KeyRing, journal: Journal): Promise<string[]> {
  const rows = await readRows(read, ring);
  return [
    ...(await breachesOfEntries(read, rows, journal.entries)),
    ...(await breachesOfVersions(read, rows)),
    ...(await breachesOfGrants(read, rows)),
    ...(await breachesOfProofs(read, journal)),
    ...breachesOfTelling(rows),
    ...journal.faults,
  ];
}

const changing = ["customer.edit", "customer.change-bank-details", "customer.create"] as const;

async function readRows(read: Reader, ring: KeyRing): Promise<Row[]> {
  const found = await read
    .select({
      seq: auditEvents.seq,
      id: auditEvents.id,
      actorId: auditEvents.actorId,
      action: auditEvents.action,
      outcome: auditEvents.outcome,
      recordId: auditEvents.recordId,
      factor: auditEvents.factor,
      sealed: auditEvents.sealed,
      key: { id: auditSubjectKeys.id, sealedKey: auditSubjectKeys.sealedKey },
    })
    .from(auditEvents)
    .leftJoin(auditSubjectKeys, isSealingKey)
    .where(
      and(inArray(auditEvents.action, [...changing]), inArray(auditEvents.outcome, ["allowed", "failed"])),
    )
    .orderBy(auditEvents.seq);
  return found.map(({ id, sealed, key, ...row }) => ({
    ...row,
    told: openWith(ring, { id, sealed }, key).told,
  }));
}

const allowed = (rows: Row[]) => rows.filter(({ outcome }) => outcome === "allowed");
const tokenIn = (text: string | undefined) => /^(?:Holder|City|New) ([0-9a-f-]{36})$/.exec(text ?? "")?.[1];

/** The token of what a row tells of; a form that was opened and a failure have none. */
function tokenOf({ told }: Row): string | undefined {
  const texts = [told?.name, ...(told?.changes ?? []).map(({ to }) => to)];
  return texts.map(tokenIn).find((token) => token !== undefined);
}

/** Acknowledged: in the record and its history, once. Refused: nowhere. Never answered: once at the most. */
async function breachesOfEntries(read: Reader, rows: Row[], entries: Entry[]): Promise<string[]> {
  const told = countOf(allowed(rows).map((row) => `${row.action}:${tokenOf(row)}`));
  const made = await read
    .select({ name: customers.name })
    .from(customers)
    .where(like(customers.name, "New %"));
  const created = countOf(made.map(({ name }) => `${tokenIn(name)}`));
  return entries.flatMap(({ kind, token, answer }) => {
    const action = kind === "create" ? "create" : kind === "edit" ? "edit" : "change-bank-details";
    const counts = [told.get(`customer.${action}:${token}`) ?? 0];
    if (kind === "create") counts.push(created.get(token) ?? 0);
    const [least, most] = { acknowledged: [1, 1], refused: [0, 0], unknown: [0, 1], open: [0, 1] }[
      answer
    ] as [number, number];
    return counts.every((count) => count >= least && count <= most)
      ? []
      : [`${kind} ${token} was ${answer}, and there are ${counts.join(" and ")} of it`];
  });
}

/** Every version beyond the first has its row, and every row its version. */
async function breachesOfVersions(read: Reader, rows: Row[]): Promise<string[]> {
  const saved = allowed(rows).filter((row) => row.action !== "customer.create" && row.told?.changes);
  const counts = countOf(saved.map(({ recordId }) => `${recordId}`));
  const records = await read.select({ id: customers.id, version: customers.version }).from(customers);
  return records
    .filter(({ id, version }) => version !== 1 + (counts.get(id) ?? 0))
    .map(
      ({ id, version }) => `${id} has version ${version}, and ${counts.get(id) ?? 0} rows tell of changes`,
    );
}

/** Bank details: a row for each consumed grant, a grant for each row, and none without a factor. */
async function breachesOfGrants(read: Reader, rows: Row[]): Promise<string[]> {
  const confirmed = allowed(rows).filter(({ action }) => action === "customer.change-bank-details");
  const consumed = await read
    .select({ key: sql<string>`${grants.userId} || ' ' || ${grants.recordId}`, evidenceId: evidence.id })
    .from(grants)
    .leftJoin(evidence, eq(evidence.id, grants.evidenceId))
    .where(and(eq(grants.action, "customer.change-bank-details"), sql`${grants.consumedAt} is not null`));
  const rowsOf = countOf(confirmed.map(({ actorId, recordId }) => `${actorId} ${recordId}`));
  const grantsOf = countOf(consumed.map(({ key }) => key));
  const unequal = [...new Set([...rowsOf.keys(), ...grantsOf.keys()])]
    .filter((key) => rowsOf.get(key) !== grantsOf.get(key))
    .map(
      (key) =>
        `${key}: ${rowsOf.get(key) ?? 0} changes of bank details, ${grantsOf.get(key) ?? 0} grants consumed`,
    );
  const unproved = confirmed
    .filter(({ factor }) => factor === null)
    .map(({ seq }) => `row ${seq} has no proof`);
  const unbacked = consumed
    .filter(({ evidenceId }) => !evidenceId)
    .map(({ key }) => `${key}: a grant without evidence`);
  return [...unequal, ...unproved, ...unbacked];
}

/** A code proves once, and so does the answer to a challenge. */
async function breachesOfProofs(read: Reader, { steps }: Journal): Promise<string[]> {
  const proved = await read
    .select({ userId: evidence.userId, count: sql<number>`count(*)::int` })
    .from(evidence)
    .where(eq(evidence.factor, "totp"))
    .groupBy(evidence.userId);
  const over = proved
    .filter(({ userId, count }) => count > (steps.get(userId)?.size ?? 0))
    .map(({ userId, count }) => `${userId} proved ${count} times with ${steps.get(userId)?.size ?? 0} codes`);
  const [all, nonces] = [await read.$count(evidence), await read.$count(spentNonces)];
  return all > nonces ? [...over, `${all} proofs were accepted with ${nonces} nonces`] : over;
}

/** What was done is not told as failed afterwards. */
function breachesOfTelling(rows: Row[]): string[] {
  const done = new Set<string>();
  return rows.flatMap(({ outcome, told, seq }) => {
    const token = /Holder ([0-9a-f-]{36})/.exec(told?.content ?? "")?.[1];
    if (token && outcome === "allowed") done.add(token);
    return token && outcome === "failed" && done.has(token)
      ? [`row ${seq} tells as failed what was done`]
      : [];
  });
}

function countOf(keys: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** Rows that wait for their leaf and have no reason to: a refusal waits a minute for its repeats. */
export async function lateRows(read: Reader): Promise<number> {
  const [row] = await read
    .select({ late: sql<number>`count(*)::int` })
    .from(auditQueue)
    .innerJoin(auditEvents, eq(auditEvents.seq, auditQueue.seq))
    .where(
      sql`not (${auditEvents.outcome} = 'refused' and ${auditEvents.sessionId} is not null
        and ${auditEvents.at} > now() - interval '65 seconds')`,
    );
  return row?.late ?? 0;
}
