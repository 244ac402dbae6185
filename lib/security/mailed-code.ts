import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/client";
import { defineCommand } from "@/lib/command";
import type { Person } from "@/lib/people/person";
import type { Environment } from "@/lib/platform/env";
import { secrets } from "@/lib/platform/secrets";
import { type AttemptDecision, countAttempt, forgiveAttempts, takeTurn } from "@/lib/step-up/attempts";
import type { Ran } from "@/lib/step-up/command";
import { confirmMailedCode as isTheCode } from "@/lib/step-up/enrolment/ticket";
import { normaliseCode } from "@/lib/step-up/factors/normalise-code";
import { boundToFirstEnrolment, spendCode } from "@/lib/step-up/factors/sent-code/codes";
import type { SessionFacts } from "@/lib/step-up/facts";
import { consumeGrant } from "@/lib/step-up/grant";
import { Invalid } from "@/lib/step-up/refusal";
import { span } from "@/lib/step-up/span";
import { dispatchCode } from "./code-messages";
import { type CodeRefusal, refusedCode } from "./refused-code";
import { decideSending, refusedSend } from "./sending";

/** A demo's mails go nowhere, and without a sender they wait: a code in them would stop everybody. */
export function mailsCodes(env: Pick<Environment, "demo" | "smtpUrl">): boolean {
  return !env.demo && env.smtpUrl !== undefined;
}

/**
 * Mails a code of six digits to the account's own address, good for one set-up of ten minutes, and returns it. Limited
 * like every code that is sent: whoever has a password floods no mailbox with it. Throws Invalid in words.
 */
export async function mailCode(tx: Tx, facts: SessionFacts<Person>): Promise<string> {
  await takeTurn(tx, facts.userId);
  const destination = facts.person.email;
  const decision = await decideSending(tx, facts, { factor: "email-code", destination, verifies: true });
  if (!decision.allowed)
    throw new Invalid(
      {},
      `No further code can be mailed now. Try again in ${span(decision.retryAfterSeconds)}.`,
      // Where the account's limit refuses, its owner is told by it (lib/notices/suspicious.ts).
      refusedSend(decision).detail.reason,
    );
  return dispatchCode(tx, facts, "email-code", {
    destination,
    use: "begin",
    boundTo: boundToFirstEnrolment(),
  });
}

export type MailedCodeAnswer = { confirmed: true } | ({ confirmed: false } & CodeRefusal);

/**
 * The mailbox agrees to the first enrolment. A wrong code is refused in an answer, not by a Refusal: that would roll the
 * counted try back (threats.md 9).
 */
export const confirmMailedCode = defineCommand({
  name: "security.confirm-mailed-code",
  input: z.strictObject({ enrolmentId: z.uuid(), code: z.string().max(64) }),
  secretInput: ["code"],
  subject: async (_read, person) => person,
  record: (person) => ({ type: "person", id: person.id, version: null }),
  prompt: () => ({ purpose: "to confirm your mailbox", verb: "Continue", changes: [] }),
  async run(tx, grant, { enrolmentId, code: typed }, { facts }) {
    await consumeGrant(tx, grant, "security.confirm-mailed-code", facts.userId);
    const counted = await countAttempt(tx, facts, "mail");
    if (!counted.allowed) return refused(counted);
    const code = normaliseCode(typed);
    const ring = secrets().encryptionKeys;
    if (code === null || !(await isTheCode(tx, ring, facts, enrolmentId, code))) return refused(counted);
    const { userId, sessionId } = facts;
    const purpose = { userId, sessionId, boundTo: boundToFirstEnrolment() };
    // Read where it went: the next code needn't wait for it (limits.ts).
    await spendCode(tx, ring, purpose, code, sql`true`);
    await forgiveAttempts(tx, facts, "mail");
    return { data: { confirmed: true } as MailedCodeAnswer };
  },
});

function refused(counted: AttemptDecision): Ran<MailedCodeAnswer> {
  const { data, ...refusal } = refusedCode(counted);
  return { data: { confirmed: false, ...data }, ...refusal };
}
