import { and, desc, eq, gte, lte, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Reader, Tx } from "@/db/client";
import { people } from "@/db/schema/people";
import { policyVersions } from "@/db/schema/policy";
import { Conflict, Invalid } from "@/lib/step-up/refusal";
import { type Difference, differences } from "./compare";
import { type PolicyDocument, policyDocument } from "./document";

/** The policy in force; version 0 is that of a new installation, which nobody has written. */
export type CurrentPolicy = { version: number; document: PolicyDocument };

export async function readPolicy(read: Reader): Promise<CurrentPolicy> {
  const [row] = await read
    .select({ version: policyVersions.version, document: policyVersions.document })
    .from(policyVersions)
    .orderBy(desc(policyVersions.version))
    .limit(1);
  return { version: row?.version ?? 0, document: policyDocument.parse(row?.document ?? {}) };
}

/** One version's document; version 0 always exists. Throws Invalid where this version of the app can't read it. */
export async function readVersion(read: Reader, version: number): Promise<PolicyDocument | null> {
  if (version === 0) return policyDocument.parse({});
  const [row] = await read
    .select({ document: policyVersions.document })
    .from(policyVersions)
    .where(eq(policyVersions.version, version));
  if (!row) return null;
  const document = readable(row.document);
  if (!document) throw new Invalid({}, `Version ${version} can't be read by this version of Keyturn.`);
  return document;
}

/** A document as this version of the app understands it; null: it was another one's, or nobody's. */
function readable(stored: unknown): PolicyDocument | null {
  return policyDocument.safeParse(stored).data ?? null;
}

export type PolicyVersion = {
  version: number;
  createdAt: Date;
  by: string | null;
  approvedBy: string | null;
  reason: string;
  restores: number | null;
  /** null: this version of the app can't read it. */
  document: PolicyDocument | null;
  /** null: it, or the one before it, can't be read. */
  changes: Difference[] | null;
};

/** The newest versions below `before`, each with what it changed; one more is read, to tell the oldest one's changes. */
export async function readVersions(read: Reader, limit: number, before?: number): Promise<PolicyVersion[]> {
  const approver = alias(people, "approver");
  const rows = await read
    .select({
      version: policyVersions.version,
      createdAt: policyVersions.createdAt,
      by: people.name,
      approvedBy: approver.name,
      reason: policyVersions.reason,
      restores: policyVersions.restores,
      document: policyVersions.document,
    })
    .from(policyVersions)
    .leftJoin(people, eq(people.id, policyVersions.createdBy))
    .leftJoin(approver, eq(approver.id, policyVersions.approvedBy))
    .where(and(gte(policyVersions.version, 1), before ? lte(policyVersions.version, before - 1) : sql`true`))
    .orderBy(desc(policyVersions.version))
    .limit(limit + 1);
  const documents = rows.map(({ document }) => readable(document));
  return rows.slice(0, limit).map((row, index) => {
    const document = documents[index] ?? null;
    const before = index + 1 < rows.length ? documents[index + 1] : policyDocument.parse({});
    return { ...row, document, changes: before && document ? differences(before, document) : null };
  });
}

export type NewVersion = {
  /** The version that the author saw: somebody else's later one makes this a conflict. */
  basedOn: number;
  document: PolicyDocument;
  reason: string;
  /** null: whoever runs the host. */
  by: string | null;
  approvedBy?: string;
  restores?: number | null;
};

/** Puts a policy in force, for every process at its next check. Throws Conflict where another one came first. */
export async function writeVersion(tx: Tx, change: NewVersion): Promise<number> {
  const { basedOn, document, reason, by, approvedBy = null, restores = null } = change;
  const version = basedOn + 1;
  const newest = await readNewest(tx);
  if (newest !== basedOn) throw new Conflict({ version: newest });
  const written = await tx
    .insert(policyVersions)
    .values({ version, document, reason, createdBy: by, approvedBy, restores })
    .onConflictDoNothing()
    .returning({ version: policyVersions.version });
  if (written.length === 0) throw new Conflict({ version });
  return version;
}

/** The number of the version in force, whether or not it can be read. */
export async function readNewest(read: Reader): Promise<number> {
  const [row] = await read
    .select({ version: sql<number>`coalesce(max(${policyVersions.version}), 0)::int` })
    .from(policyVersions);
  return row?.version ?? 0;
}
