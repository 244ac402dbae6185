import { sql } from "drizzle-orm";
import { z } from "zod";
import { mayAdminister } from "@/lib/access/access";
import { defineCommand } from "@/lib/command";
import { channelsOf } from "@/lib/notices/channels";
import { environment } from "@/lib/platform/env";
import { secrets } from "@/lib/platform/secrets";
import { destinationOf, dispatchCode, maskedDestination, sendsBy } from "@/lib/security/code-messages";
import { type CodeRefusal, refusedCode } from "@/lib/security/refused-code";
import { decideSending, refusedSend } from "@/lib/security/sending";
import { type AttemptDecision, countAttempt, forgiveAttempts, takeTurn } from "@/lib/step-up/attempts";
import type { Ran } from "@/lib/step-up/command";
import { normaliseCode } from "@/lib/step-up/factors/normalise-code";
import { spendCode } from "@/lib/step-up/factors/sent-code/codes";
import type { SendRefusal } from "@/lib/step-up/factors/sent-code/limits";
import { consumeGrant } from "@/lib/step-up/grant";
import { Invalid } from "@/lib/step-up/refusal";
import { boundToTrial, recordTrial } from "./trial";

const kind = z.enum(["email-code", "sms-code"]);

export type TrialSent = { sent: true; to: string } | ({ sent: false } & SendRefusal);
export type TrialConfirmed = { came: true } | ({ came: false } & CodeRefusal);

/**
 * Sends a real message through the gateway that a factor needs: to the administrator's own address, or to a number that
 * they name. Limited like every code that is sent, so that nobody floods a phone with it.
 */
export const sendTrial = defineCommand({
  name: "admin.try-factor",
  /** Mail goes to one's own address and to no other; only text messages need to be told where to. */
  input: z.discriminatedUnion("factor", [
    z.strictObject({ factor: z.literal("email-code"), number: z.null() }),
    z.strictObject({ factor: z.literal("sms-code"), number: z.string().max(64) }),
  ]),
  secretInput: ["number"],
  subject: async (_read, person) => (mayAdminister(person) ? person : null),
  record: (_person, { factor }) => ({ type: "factor", id: factor, version: null }),
  prompt: (_person, { factor }) => ({
    purpose: factor === "sms-code" ? "to try text messages" : "to try mail",
    verb: "Send a message",
    changes: [],
  }),
  async run(tx, grant, { factor, number }, { person, facts }): Promise<Ran<TrialSent>> {
    // Parallel ones see what was sent before them.
    await takeTurn(tx, facts.userId);
    await consumeGrant(tx, grant, "admin.try-factor", factor);
    if (!sendsBy(channelsOf(environment()), factor))
      throw new Invalid({}, "Nothing is set up that could send it: see docs/operating.md.");
    const destination = destinationOf(person, factor, number);
    const decision = await decideSending(tx, facts, { factor, destination, verifies: true });
    if (!decision.allowed) return refusedSend(decision);
    await dispatchCode(tx, facts, factor, { destination, use: "try", boundTo: boundToTrial(factor) });
    const to = maskedDestination(factor, destination);
    return { data: { sent: true, to }, detail: { step: "sent" } };
  },
});

/** The code that came shows that the gateway works. A wrong one is an answer, so that its try stays counted. */
export const confirmTrial = defineCommand({
  name: "admin.confirm-trial",
  input: z.strictObject({ factor: kind, code: z.string().max(64) }),
  secretInput: ["code"],
  subject: async (_read, person) => (mayAdminister(person) ? person : null),
  record: (_person, { factor }) => ({ type: "factor", id: factor, version: null }),
  prompt: () => ({ purpose: "to confirm that the message came", verb: "Confirm", changes: [] }),
  async run(tx, grant, { factor, code }, { person, facts }): Promise<Ran<TrialConfirmed>> {
    const counted = await countAttempt(tx, facts, "mail");
    await consumeGrant(tx, grant, "admin.confirm-trial", factor);
    if (!counted.allowed) return refused(counted);
    const { userId, sessionId } = facts;
    const purpose = { userId, sessionId, boundTo: boundToTrial(factor) };
    const typed = normaliseCode(code);
    const ring = secrets().encryptionKeys;
    if (typed === null || !(await spendCode(tx, ring, purpose, typed, sql`true`)).spent)
      return refused(counted);
    await forgiveAttempts(tx, facts, "mail");
    await recordTrial(tx, factor, person.id);
    return { data: { came: true }, detail: { step: "came" } };
  },
});

function refused(counted: AttemptDecision): Ran<TrialConfirmed> {
  const { data, ...refusal } = refusedCode(counted);
  return { data: { came: false, ...data }, ...refusal };
}
