import { and, eq, gt, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import { outbox } from "@/db/schema/outbox";
import { waitsForTurnOf } from "@/db/turn";
import { recordUnproved } from "@/lib/audit/record";
import { mailTo } from "@/lib/notices/outbox";
import { readAdministrators } from "@/lib/people/administrators";
import { environment } from "@/lib/platform/env";
import { secrets } from "@/lib/platform/secrets";
import { destinationHashes } from "@/lib/step-up/factors/sent-code/codes";
import {
  decideSend,
  hourSeconds,
  readSends,
  type SendDecision,
  type SendRefusal,
} from "@/lib/step-up/factors/sent-code/limits";
import type { SessionFacts } from "@/lib/step-up/facts";
import type { CodeFactor } from "./code-messages";

/** A code that is to go out. `verifies`: its address or number is only being set up, or tried. */
export type Sending = { factor: CodeFactor; destination: string; verifies: boolean };

/**
 * Whether one more code may go out: of this session and account, to this address or number from whomever, and of the
 * installation's text messages, which cost money (docs/decisions/017). Whoever calls has taken the person's turn; from
 * here to the end of the transaction senders go one after the other, so that parallel ones of other accounts count.
 */
export async function decideSending(
  tx: Tx,
  facts: SessionFacts,
  { factor, destination, verifies }: Sending,
): Promise<SendDecision> {
  await waitsForTurnOf(tx, "send");
  const sends = await readSends(tx, facts, destinationHashes(secrets().encryptionKeys, destination));
  const decision = decideSend(sends, verifies);
  const most = environment().mostTextsAnHour;
  if (!decision.allowed || factor !== "sms-code" || (await textsThisHour(tx)) < most) return decision;
  await tellOfStop(tx, most);
  return { allowed: false, because: "installation", retryAfterSeconds: hourSeconds };
}

/** A send that was refused in an answer, so that its audit row stays. The ordinary wait is nothing to warn of. */
export function refusedSend({ because, retryAfterSeconds }: SendRefusal) {
  const reason = {
    wait: "wait",
    account: "too-many-codes",
    destination: "too-many-there",
    installation: "stopped",
  };
  return {
    data: { sent: false as const, because, retryAfterSeconds },
    outcome: "refused" as const,
    detail: { reason: reason[because] },
  };
}

const lastHour = sql`now() - interval '1 hour'`;

/** Text messages are codes, all of them. */
function textsThisHour(tx: Tx): Promise<number> {
  return tx.$count(outbox, and(eq(outbox.channel, "sms"), gt(outbox.createdAt, lastHour)));
}

/** Once an hour: a row of the log, and a mail to those who can see who asks. Senders take turns, so that it is one. */
async function tellOfStop(tx: Tx, most: number): Promise<void> {
  const told = and(eq(auditEvents.action, "sending.stopped"), gt(auditEvents.at, lastHour));
  if ((await tx.$count(auditEvents, told)) > 0) return;
  await recordUnproved(tx, {
    actorId: null,
    action: "sending.stopped",
    record: { type: "factor", id: "sms-code" },
    address: null,
    detail: { mostAnHour: most },
  });
  for (const { id, email } of await readAdministrators(tx))
    await mailTo(
      tx,
      { personId: id, email },
      {
        kind: "texts-stopped",
        subject: "Keyturn has stopped sending text messages for now",
        body: `${most} text messages with codes went out within an hour, the most that this installation allows. No more are sent until the number in an hour is below that. Somebody may be running up your bill: see the Audit page for who asked for codes. Whoever runs the host sets the limit (KEYTURN_TEXTS_PER_HOUR).`,
      },
    );
}
