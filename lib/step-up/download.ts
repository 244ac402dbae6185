import { AsyncLocalStorage } from "node:async_hooks";
import { createHash, randomBytes } from "node:crypto";
import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { downloads } from "@/db/schema/step-up";
import type { FactorName, SessionFacts } from "./facts";
import type { AuditEntry, Ports } from "./ports";

/** From the answer to the request for the file: the browser does that by itself. */
export const downloadLifetimeSeconds = 60;

export type OpenDownload = {
  action: string;
  /** What was confirmed; the file is made from it and from nothing that comes with the request. */
  content: Record<string, unknown>;
  factor: FactorName | null;
  authenticatorId: string | null;
};

export type ClaimedDownload = {
  content: unknown;
  /** Writes the row that says what went out. May be called after the answer has begun. */
  ended(outcome: AuditEntry<unknown>["outcome"], detail: Record<string, unknown>): Promise<void>;
};

export type DownloadGate<Person> = {
  /**
   * Takes a download that this session has confirmed: once, within a minute, unless it was locked or signed out
   * since. null for everything else, and for a cookie from before the proof (ASVS v5.0.0-7.2.4).
   */
  claimDownload(action: string, facts: SessionFacts<Person>, token: string): Promise<ClaimedDownload | null>;
};

/** Opens one, in the transaction that consumed the grant. The token goes to the browser, its hash is kept. */
export async function openDownload(tx: Tx, facts: SessionFacts, of: OpenDownload): Promise<string> {
  const token = randomBytes(32).toString("base64url");
  const { userId, sessionId, lockEpoch } = facts;
  const expiresAt = sql`now() + make_interval(secs => ${downloadLifetimeSeconds})`;
  await tx
    .insert(downloads)
    .values({ ...of, tokenHash: hashOf(token), userId, sessionId, lockEpoch, expiresAt });
  return token;
}

/** A file that a confirmed action unlocks comes from an address of its own: this is its gate. */
export function createDownloadGate<Person>(ports: Ports<Person>): DownloadGate<Person> {
  return {
    async claimDownload(action, facts, token) {
      if (facts.presented === "predecessor") return null;
      const { database } = await ports.database();
      const { userId, sessionId, lockEpoch } = facts;
      const [claimed] = await database
        .update(downloads)
        .set({ claimedAt: sql`now()` })
        .where(
          and(
            eq(downloads.tokenHash, hashOf(token)),
            eq(downloads.userId, userId),
            eq(downloads.sessionId, sessionId),
            eq(downloads.lockEpoch, lockEpoch),
            eq(downloads.action, action),
            isNull(downloads.claimedAt),
            sql`${downloads.expiresAt} > now()`,
            ports.session.holds(facts),
          ),
        )
        .returning({
          content: downloads.content,
          factor: downloads.factor,
          authenticatorId: downloads.authenticatorId,
        });
      if (!claimed) return null;
      // A stream goes on outside the request that began it, and the row's address is the request's.
      const inRequest = AsyncLocalStorage.snapshot();
      const { content, ...proved } = claimed;
      return {
        content,
        ended: (outcome, detail) =>
          inRequest(() =>
            database.transaction((tx) =>
              ports.audit.record(tx, {
                ...proved,
                facts,
                action,
                outcome,
                record: null,
                digest: null,
                detail,
              }),
            ),
          ),
      };
    },
  };
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
