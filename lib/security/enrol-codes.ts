import { z } from "zod";
import { defineCommand } from "@/lib/command";
import { secrets } from "@/lib/platform/secrets";
import { type AttemptDecision, countAttempt, forgiveAttempts, takeTurn } from "@/lib/step-up/attempts";
import type { Ran } from "@/lib/step-up/command";
import { bindSentCodes } from "@/lib/step-up/enrolment/bind";
import { completeTicket, keepDestination, requireTicket } from "@/lib/step-up/enrolment/ticket";
import { boundToTicket } from "@/lib/step-up/factors/sent-code/codes";
import type { SendRefusal } from "@/lib/step-up/factors/sent-code/limits";
import { consumeGrant } from "@/lib/step-up/grant";
import { destinationOf, dispatchCode, maskedDestination } from "./code-messages";
import { type Finished, finish } from "./enrol";
import { type CodeRefusal, refusedCode } from "./refused-code";
import { decideSending, refusedSend } from "./sending";
import { requireSettable } from "./settable";

const kind = z.enum(["email-code", "sms-code"]);

export type EnrolmentCodeAnswer =
  | { sent: true; to: string; resendInSeconds: number }
  | ({ sent: false } & SendRefusal);

/** Sends a code to the address or number that is being set up: typing it shows that the person reads there. */
export const sendEnrolmentCode = defineCommand({
  name: "security.send-enrolment-code",
  /** `number`: where text messages go. Mails go to the account's own address: a free one would be a way around it. */
  input: z.strictObject({ enrolmentId: z.uuid(), factor: kind, number: z.string().max(64).nullable() }),
  secretInput: ["number"],
  subject: async (_read, person) => person,
  record: (person) => ({ type: "person", id: person.id, version: null }),
  prompt: () => ({ purpose: "to send a code", verb: "Send code", changes: [] }),
  async run(
    tx,
    grant,
    { enrolmentId, factor, number },
    { person, facts },
  ): Promise<Ran<EnrolmentCodeAnswer>> {
    // Parallel ones see what was sent before them.
    await takeTurn(tx, facts.userId);
    await consumeGrant(tx, grant, "security.send-enrolment-code", facts.userId);
    const ring = secrets().encryptionKeys;
    const ticket = await requireTicket(tx, ring, facts, enrolmentId, factor);
    requireSettable(facts, factor, ticket.replaces);
    const destination = destinationOf(person, factor, number);
    const decision = await decideSending(tx, facts, { factor, destination, verifies: true });
    if (!decision.allowed) return refusedSend(decision);
    await keepDestination(tx, ring, facts, ticket, destination);
    const boundTo = boundToTicket(ticket.id, destination);
    await dispatchCode(tx, facts, factor, { destination, use: "verify", boundTo });
    const to = maskedDestination(factor, destination);
    return {
      data: { sent: true, to, resendInSeconds: decision.resendInSeconds },
      detail: { step: "code-sent", kind: factor },
    };
  },
});

export type CodesActivated = Finished | ({ activated: false } & CodeRefusal);

/**
 * Finishes an enrolment with the code that was sent. A wrong one is refused in an answer, not by a Refusal: that would
 * roll the counted try back (threats.md 9).
 */
export const activateSentCodes = defineCommand({
  name: "security.activate-factor",
  input: z.strictObject({ enrolmentId: z.uuid(), factor: kind, code: z.string().max(64) }),
  secretInput: ["code"],
  subject: async (_read, person) => person,
  record: (person) => ({ type: "person", id: person.id, version: null }),
  prompt: () => ({ purpose: "to activate the codes", verb: "Activate", changes: [] }),
  async run(tx, grant, { enrolmentId, factor, code }, { facts, person }): Promise<Ran<CodesActivated>> {
    const counted = await countAttempt(tx, facts, "mail");
    await consumeGrant(tx, grant, "security.activate-factor", facts.userId);
    if (!counted.allowed) return refused(counted);
    const ring = secrets().encryptionKeys;
    const ticket = await requireTicket(tx, ring, facts, enrolmentId, factor);
    requireSettable(facts, factor, ticket.replaces);
    const name = (destination: string) => `Codes to ${maskedDestination(factor, destination)}`;
    const bound = await bindSentCodes(tx, ring, facts, ticket, { factor, code, name });
    if (!bound) return refused(counted);
    await forgiveAttempts(tx, facts, "mail");
    await completeTicket(tx, ring, facts, ticket);
    return finish(tx, person, facts, bound, ticket);
  },
});

function refused(counted: AttemptDecision): Ran<CodesActivated> {
  const { data, ...refusal } = refusedCode(counted);
  return { data: { activated: false, ...data }, ...refusal };
}
