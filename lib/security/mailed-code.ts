import { randomInt } from "node:crypto";
import { z } from "zod";
import type { Tx } from "@/db/client";
import { defineCommand } from "@/lib/command";
import { mailTo } from "@/lib/notices/outbox";
import type { Person } from "@/lib/people/person";
import type { Environment } from "@/lib/platform/env";
import { secrets } from "@/lib/platform/secrets";
import { countAttempt, forgiveAttempts } from "@/lib/step-up/attempts";
import type { Ran } from "@/lib/step-up/command";
import { confirmMailedCode as isTheCode } from "@/lib/step-up/enrolment/ticket";
import { normaliseCode } from "@/lib/step-up/factors/normalise-code";
import { consumeGrant } from "@/lib/step-up/grant";

/** A demo's mails go nowhere, and without a sender they wait: a code in them would stop everybody. */
export function mailsCodes(env: Pick<Environment, "demo" | "smtpUrl">): boolean {
  return !env.demo && env.smtpUrl !== undefined;
}

/** Mails a code of six digits, good for one set-up of ten minutes, and returns it. */
export async function mailCode(tx: Tx, person: Person): Promise<string> {
  const code = String(randomInt(1_000_000)).padStart(6, "0");
  await mailTo(
    tx,
    { personId: person.id, email: person.email },
    {
      kind: "enrolment-code",
      subject: "Your code for setting up a second factor",
      body: `${code} is your code. It works for ten minutes, on the screen that asked for it.\n\nIf you are not setting up a second factor, somebody knows your password: change it.`,
    },
  );
  return code;
}

export type MailedCodeAnswer =
  | { confirmed: true }
  | { confirmed: false; triesLeft: number; retryAfterSeconds: number | null };

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
    if (!counted.allowed) return refused("too-many-tries", 0, counted.retryAfterSeconds);
    const code = normaliseCode(typed);
    const ring = secrets().encryptionKeys;
    if (code === null || !(await isTheCode(tx, ring, facts, enrolmentId, code)))
      return refused("wrong", counted.left, null);
    await forgiveAttempts(tx, facts, "mail");
    return { data: { confirmed: true } as MailedCodeAnswer };
  },
});

function refused(
  reason: "wrong" | "too-many-tries",
  triesLeft: number,
  retryAfterSeconds: number | null,
): Ran<MailedCodeAnswer> {
  const data: MailedCodeAnswer = { confirmed: false, triesLeft, retryAfterSeconds };
  return { data, outcome: "refused", detail: { reason } };
}
