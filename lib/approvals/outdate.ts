import { and, eq, isNull, lte, type SQL, sql } from "drizzle-orm";
import type { Reader, Tx } from "@/db/client";
import { approvals } from "@/db/schema/approvals";
import { people } from "@/db/schema/people";
import { recordUnproved } from "@/lib/audit/record";
import { mailTo } from "@/lib/notices/outbox";

/** Why a request ends that nobody decided, as its asker is told. */
const reasons = {
  "asker-left": "You no longer administer Keyturn.",
  "asker-in-doubt":
    "Your account was reported, reset or recovered, so nothing that was asked for with it stays open. Ask again if it was you.",
  "account-disabled": "The account that it is about was disabled.",
  impossible: "What it was about has changed, so it could no longer be done.",
  "ran-out": "Nobody decided it in time. You can ask again.",
} as const;

type Which = { askedBy: string } | { about: string } | { id: string } | "ran-out";

/**
 * Ends requests that nobody decided: each leaves a row in the log, and its asker is told why. `by`: who made them end;
 * null: time. Returns how many there were.
 */
export async function outdateApprovals(
  tx: Tx,
  which: Which,
  because: keyof typeof reasons,
  by: string | null,
): Promise<number> {
  const ended = await tx
    .update(approvals)
    .set({ outcome: "outdated", decidedAt: sql`now()` })
    .where(and(isNull(approvals.outcome), isOneOf(which)))
    .returning();
  for (const one of ended) {
    await recordUnproved(tx, {
      actorId: by,
      action: "admin.end-request",
      record: { type: "approval", id: one.id },
      address: null,
      detail: { kind: one.kind, subject: one.subject, askedBy: one.askedBy, because },
    });
    await tellAsker(tx, one, reasons[because]);
  }
  return ended.length;
}

function isOneOf(which: Which): SQL | undefined {
  if (which === "ran-out") return lte(approvals.expiresAt, sql`now()`);
  if ("id" in which) return eq(approvals.id, which.id);
  return "about" in which ? eq(approvals.subject, which.about) : eq(approvals.askedBy, which.askedBy);
}

type Ended = typeof approvals.$inferSelect;

async function tellAsker(tx: Tx, { askedBy, kind, subject, reason }: Ended, why: string): Promise<void> {
  const [asker] = await tx.select({ email: people.email }).from(people).where(eq(people.id, askedBy));
  if (!asker) return;
  const what = await inWords(tx, kind, subject);
  await mailTo(
    tx,
    { personId: askedBy, email: asker.email },
    {
      kind: "approval-ended",
      subject: `No longer open: ${what}`,
      body: `Your request is closed; nothing was changed. ${why}\n\nYou had asked for: ${what}. Your reason: ${reason}`,
    },
  );
}

/** What was asked for, also where its own words can't be built any more. `subject`: a person's id, an address, or a rule. */
export async function inWords(read: Reader, kind: string, subject: string): Promise<string> {
  if (kind === "loosen-policy") return "a looser policy";
  const [person] = await read
    .select({ name: people.name })
    .from(people)
    .where(eq(sql`${people.id}::text`, subject));
  const whom = person?.name ?? subject;
  return kind === "reset-factors" ? `a reset of ${whom}'s second factors` : `${whom} as an administrator`;
}
