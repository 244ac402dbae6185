import { z } from "zod";
import { defineCommand } from "@/lib/command";
import { secrets } from "@/lib/platform/secrets";
import { nonceMemorySeconds, readChallenge, spendNonce } from "@/lib/step-up/challenge";
import { consumeGrant } from "@/lib/step-up/grant";

/**
 * The browser tells in passing that a prompt was given up: a decision, and so a row, of the action it was for. One a
 * challenge, which is over then: so that nobody fills the log with one token.
 */
export const cancelPrompt = defineCommand({
  name: "session.cancel-prompt",
  input: z.strictObject({ token: z.string().max(4096) }),
  subject: async (_read, _person, { token }) => readChallenge(secrets().encryptionKeys, token),
  record: () => null,
  prompt: () => ({ purpose: "to cancel", verb: "Cancel", changes: [] }),
  async run(tx, grant, _input, { subject: challenge, facts }) {
    await consumeGrant(tx, grant, "session.cancel-prompt", null);
    const { userId, sessionId, action, recordType, recordId, digest, expiresAt } = challenge;
    const own = userId === facts.userId && sessionId === facts.sessionId;
    // A nonce is forgotten in the end: from then on it tells of nothing.
    const remembered = facts.now.getTime() < expiresAt + nonceMemorySeconds * 1000;
    if (!own || !remembered || !(await spendNonce(tx, challenge))) return { data: null, tellsOf: null };
    const about = recordType && recordId ? { type: recordType, id: recordId } : undefined;
    return { data: null, outcome: "cancelled", tellsOf: { action, digest }, about };
  },
});
