import { and, gte, ne, not, or, type SQL, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { type AuditOutcome, auditEvents } from "@/db/schema/audit";
import type { Person } from "@/lib/people/person";
import { environment } from "@/lib/platform/env";
import { forAudit } from "../matches-filter";

/** Looked back on, today included: nothing on the overview reads more of the log. */
export const overviewDays = 30;

/** `YYYY-MM-DD` in UTC, the oldest first. */
export function daysUntil(now: Date): string[] {
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  return Array.from({ length: overviewDays }, (_, ago) =>
    new Date(today - (overviewDays - 1 - ago) * 86_400_000).toISOString().slice(0, 10),
  );
}

/** Numbers, one a day. */
export type DaySeries = { name: string; values: number[] };

export type Decisions = {
  days: string[];
  /** Confirmations by factor, the most used first. */
  stepUps: DaySeries[];
  /** What was refused, cancelled or failed, in this order. */
  endings: DaySeries[];
  /** Second factors that finished a sign-in: counted apart, and in no series. */
  signIns: number;
};

const endings: AuditOutcome[] = ["refused", "cancelled", "failed"];

/**
 * What became of protected actions, day by day. A row with the time that confirming took is one step-up; sign-ins are
 * none of this. `now`: the database's, as the session's guard read it. One query.
 */
export async function readDecisions(read: Reader, reader: Person, now: Date): Promise<Decisions> {
  const days = daysUntil(now);
  const all = await read
    .select({
      day: sql<string>`to_char(${auditEvents.at} at time zone 'utc', 'YYYY-MM-DD')`,
      outcome: auditEvents.outcome,
      factor: auditEvents.factor,
      stepUps: sql<number>`count(*) filter (where ${isStepUp})::int`,
      decisions: sql<number>`sum(${auditEvents.repeats})::int`,
      ofSession: ofSession.as("of_session"),
    })
    .from(auditEvents)
    // What was allowed without a proof of its own is most of the log, and none of this.
    .where(and(since(reader, now), or(isStepUp, ne(auditEvents.outcome, "allowed"))))
    .groupBy(sql`1`, auditEvents.outcome, auditEvents.factor, sql`of_session`);
  const rows = all.filter(({ ofSession }) => !ofSession);
  const factors = [...new Set(rows.filter(({ stepUps }) => stepUps > 0).map(({ factor }) => factor ?? ""))];
  const stepUps = factors.map((name) =>
    seriesOf(
      name,
      days,
      rows.filter(({ factor }) => factor === name),
      ({ stepUps }) => stepUps,
    ),
  );
  return {
    days,
    stepUps: stepUps.toSorted((a, b) => totalOf(b) - totalOf(a)),
    endings: endings.map((name) =>
      seriesOf(
        name,
        days,
        rows.filter(({ outcome }) => outcome === name),
        ({ decisions }) => decisions,
      ),
    ),
    signIns: all.reduce((sum, { ofSession, stepUps }) => sum + (ofSession ? stepUps : 0), 0),
  };
}

export function totalOf({ values }: DaySeries): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function seriesOf<Row extends { day: string }>(
  name: string,
  days: string[],
  rows: Row[],
  value: (row: Row) => number,
): DaySeries {
  const sum = (day: string) =>
    rows.filter((row) => row.day === day).reduce((total, row) => total + value(row), 0);
  return { name, values: days.map(sum) };
}

/** How long confirming takes with one factor, in milliseconds. */
export type ConfirmTime = { factor: string; median: number; p95: number; count: number };

/** From the challenge to the accepted proof, of the same step-ups as above, the quickest factor first. One query. */
export async function readConfirmTimes(read: Reader, reader: Person, now: Date): Promise<ConfirmTime[]> {
  const ms = sql`(${auditEvents.detail}->>'confirmedInMs')::float8`;
  const rows = await read
    .select({
      factor: sql<string>`coalesce(${auditEvents.factor}, '')`,
      median: sql<number>`percentile_cont(0.5) within group (order by ${ms})`,
      p95: sql<number>`percentile_cont(0.95) within group (order by ${ms})`,
      count: sql<number>`count(*)::int`,
    })
    .from(auditEvents)
    .where(and(since(reader, now), isStepUp, not(ofSession)))
    .groupBy(auditEvents.factor);
  return rows
    .map(({ median, p95, ...row }) => ({ ...row, median: Number(median), p95: Number(p95) }))
    .toSorted((a, b) => a.median - b.median);
}

/** A number and nothing else: what somebody wrote there by hand must not take the page away. */
const isStepUp = sql`jsonb_typeof(${auditEvents.detail} -> 'confirmedInMs') = 'number'`;

/** Signing in and out, locking and the like: none of it is a protected action. */
const ofSession = sql<boolean>`${auditEvents.action} like 'session.%'`;

/** Seeded history counts in a demo alone, where there is nothing else yet. */
function since(reader: Person, now: Date): SQL | undefined {
  const [first = ""] = daysUntil(now);
  return and(
    forAudit(reader),
    gte(auditEvents.at, `${first}T00:00:00Z`),
    environment().demo ? undefined : sql`not ${auditEvents.isDemo}`,
  );
}
