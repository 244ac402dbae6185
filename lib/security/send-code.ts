import { z } from "zod";
import type { Tx } from "@/db/client";
import { defineCommand } from "@/lib/command";
import { channelsOf } from "@/lib/notices/channels";
import type { Person } from "@/lib/people/person";
import { environment } from "@/lib/platform/env";
import { secrets } from "@/lib/platform/secrets";
import { requirementOf } from "@/lib/policy/policy";
import { takeTurn } from "@/lib/step-up/attempts";
import {
  type ChallengeToken,
  factsOfToken,
  isUnspent,
  misfitOf,
  readChallenge,
} from "@/lib/step-up/challenge";
import type { Ran } from "@/lib/step-up/command";
import { decide } from "@/lib/step-up/decide";
import { boundToChallenge } from "@/lib/step-up/factors/sent-code/codes";
import type { SendRefusal } from "@/lib/step-up/factors/sent-code/limits";
import { readDestination } from "@/lib/step-up/factors/sent-code/sent-code";
import type { SessionFacts } from "@/lib/step-up/facts";
import { consumeGrant } from "@/lib/step-up/grant";
import { type CodeFactor, dispatchCode, isCodeFactor, sendsBy } from "./code-messages";
import { decideSending, refusedSend } from "./sending";

export type SendCodeAnswer =
  | { sent: true }
  /** The confirmation is over, and the prompt needs a new one. */
  | { sent: false; because: "over" }
  | ({ sent: false } & SendRefusal);

/**
 * Sends a code to one of the person's own verified addresses or numbers, for a challenge that is open before them. Only
 * when they ask: opening a prompt sends nothing. The code and its message are written together, or not at all.
 */
export const sendCode = defineCommand({
  name: "session.send-code",
  input: z.strictObject({ token: z.string().max(4096), authenticatorId: z.uuid() }),
  subject: async (_read, _person, { token }) => readChallenge(secrets().encryptionKeys, token),
  record: () => null,
  prompt: () => ({ purpose: "to send a code", verb: "Send code", changes: [] }),
  async run(tx, grant, { authenticatorId }, { subject: token, facts }): Promise<Ran<SendCodeAnswer>> {
    // Parallel ones see what was sent before them.
    await takeTurn(tx, facts.userId);
    await consumeGrant(tx, grant, "session.send-code", null);
    const factor = await factorToSend(tx, facts, token, authenticatorId);
    if (!factor) return over;
    const found = await readDestination(
      tx,
      secrets().encryptionKeys,
      subjectOf(facts, authenticatorId),
      factor,
    );
    if (!found) return over;
    const { destination } = found;
    const decision = await decideSending(tx, facts, { factor, destination, verifies: false });
    if (!decision.allowed) return refusedSend(decision);
    const boundTo = boundToChallenge(factsOfToken(token));
    await dispatchCode(tx, facts, factor, { destination, use: "confirm", boundTo, authenticatorId });
    return { data: { sent: true }, detail: { kind: factor, for: token.action }, authenticatorId };
  },
});

/**
 * The factor of the authenticator, where the challenge may still be answered with it: this session's, open, under
 * today's requirement, and accepting it. null for everything else.
 */
async function factorToSend(
  tx: Tx,
  facts: SessionFacts<Person>,
  token: ChallengeToken,
  authenticatorId: string,
): Promise<CodeFactor | null> {
  const requirement = requirementOf(token.action, facts);
  const { action, recordType, recordId, digest, accepted } = token;
  const record = recordType && recordId ? { type: recordType, id: recordId } : null;
  if (misfitOf(token, facts, { action, record, digest, requirement, accepted })) return null;
  if (!(await isUnspent(tx, token))) return null;
  const decision = decide(requirement, facts);
  if (decision.outcome !== "step-up") return null;
  const factor = decision.answering.find(({ id }) => id === authenticatorId)?.factor;
  if (!factor || !isCodeFactor(factor) || !decision.accepted.includes(factor)) return null;
  return sendsBy(channelsOf(environment()), factor) ? factor : null;
}

function subjectOf(facts: SessionFacts, authenticatorId: string) {
  const { userId, sessionId, now } = facts;
  return {
    userId,
    sessionId,
    now,
    authenticators: facts.authenticators.filter(({ id }) => id === authenticatorId),
  };
}

/** Refused in an answer, so that the audit row stays. */
const over: Ran<SendCodeAnswer> = {
  data: { sent: false, because: "over" },
  outcome: "refused",
  detail: { reason: "challenge-over" },
};
