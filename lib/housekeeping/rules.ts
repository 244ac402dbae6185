import { type SQL, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import { approvals } from "@/db/schema/approvals";
import { emailChanges, links } from "@/db/schema/links";
import { deadlineReminders, passwordAttempts, sessions, trustedDevices } from "@/db/schema/sessions";
import {
  callOutcomes,
  codeAttempts,
  deviceFactors,
  downloads,
  enrolments,
  evidence,
  grants,
  openings,
  sentCodes,
  spentNonces,
} from "@/db/schema/step-up";
import { deviceSeconds } from "@/lib/session/device";
import { strangersLimit } from "@/lib/step-up/attempts";

/** Rows of `table` for which `over` is true go, because nothing reads them any more. */
export type Rule = { table: PgTable; over: SQL; because: string };

/** What is deleted when (ASVS v5.0.0-14.2.4). Times are the database's. Tables of the log are none of these. */
export const rules: readonly Rule[] = [
  {
    table: callOutcomes,
    over: sql`${callOutcomes.createdAt} < now() - interval '1 hour'`,
    because:
      "a lost answer is asked for again within seconds; setup keys and recovery codes lie in it, sealed",
  },
  {
    table: enrolments,
    over: sql`${enrolments.expiresAt} < now()`,
    because: "an expired set-up binds nothing, and an offered seed lies in it, sealed",
  },
  {
    table: spentNonces,
    over: sql`${spentNonces.forgetAt} < now()`,
    because: "its challenge has expired an hour ago, and is refused for that",
  },
  {
    table: sentCodes,
    over: sql`${sentCodes.createdAt} < now() - interval '1 day'`,
    because: "it lasted ten minutes, and limits count what was sent in a day",
  },
  {
    table: grants,
    over: sql`${grants.expiresAt} < now() - interval '1 day'`,
    because: "it lived 60 seconds; by it, erasing finds the proof that it came of, which is kept for a day",
  },
  {
    table: downloads,
    over: sql`${downloads.expiresAt} < now() - interval '1 hour'`,
    because: "a download is claimed within a minute; the log keeps what went out",
  },
  {
    table: evidence,
    over: sql`${evidence.provedAt} < now() - interval '1 day'`,
    because: "no requirement takes a proof that is older than 15 minutes; the log keeps what was signed",
  },
  {
    table: openings,
    over: sql`${openings.openedAt} < now() - interval '1 day'`,
    because: "it saves a row of the log while its evidence is fresh",
  },
  {
    table: sessions,
    over: sql`least(${sessions.endedAt}, ${sessions.expiresAt}) < now() - interval '30 days' and exists (
      select 1 from ${sessions} newer where newer.person_id = ${sessions.personId} and newer.created_at > ${sessions.createdAt})`,
    because: "it has ended; a person's last one stays, or the next sign-in on a new device would be no news",
  },
  {
    table: links,
    over: sql`least(${links.usedAt}, ${links.revokedAt}, ${links.expiresAt}) < now() - interval '30 days'`,
    because: "it works no more; invitations that ran out are listed for 30 days",
  },
  {
    table: approvals,
    over: sql`coalesce(${approvals.decidedAt}, ${approvals.expiresAt}) < now() - interval '90 days'`,
    because: "it was decided or ran out; who decided what, and why, is in the log",
  },
  {
    table: emailChanges,
    over: sql`${emailChanges.createdAt} < now() - interval '60 days'`,
    because: "it lasted a day, and the notice that takes it back 30",
  },
  {
    table: passwordAttempts,
    over: sql`${passwordAttempts.lastFailedAt} < now() - interval '1 day'`,
    because: "the longest wait is an hour: who kept trying had more tries than who begins anew each day",
  },
  {
    table: trustedDevices,
    over: sql`least(${trustedDevices.revokedAt}, ${trustedDevices.expiresAt}) < now() - interval '30 days'`,
    because: "its trust is over; the log keeps who trusted when",
  },
  {
    table: deviceFactors,
    over: sql`${deviceFactors.firstSeenAt} < now() - make_interval(secs => ${deviceSeconds})`,
    because: "its browser's cookie has ended",
  },
  {
    table: deadlineReminders,
    over: sql`${deadlineReminders.deadline} < now() - interval '30 days'`,
    because: "its deadline has passed, and no mail tells of it any more",
  },
  {
    table: codeAttempts,
    over: sql`${codeAttempts.lastFailedAt} < now() - interval '1 year' and (select sum(every.failures) from ${codeAttempts} every
      where every.user_id = ${codeAttempts.userId} and every.budget = ${codeAttempts.budget}) < ${strangersLimit}`,
    because: "tries of last year tell nothing; where they turned codes off, codes stay off",
  },
];
