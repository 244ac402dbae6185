import { z } from "zod";
import type { AuditAction } from "@/lib/audit/events";
import { type AuditRow, recordAudit } from "@/lib/audit/record";
import { defineCommand } from "@/lib/command";
import { secrets } from "@/lib/platform/secrets";
import { readChallenge } from "@/lib/step-up/challenge";
import { consumeGrant } from "@/lib/step-up/grant";

/** The browser tells in passing that a prompt was given up: a decision, and so a row, of the action it was for. */
export const cancelPrompt = defineCommand({
  name: "session.cancel-prompt",
  input: z.strictObject({ token: z.string().max(4096) }),
  audit: "never",
  subject: async (_read, _person, { token }) => readChallenge(secrets().encryptionKeys, token),
  record: () => null,
  prompt: () => ({ purpose: "to cancel", verb: "Cancel", changes: [] }),
  async run(tx, grant, _input, { subject: challenge, facts }) {
    await consumeGrant(tx, grant, "session.cancel-prompt", null);
    const { userId, sessionId, action, recordType, recordId, digest } = challenge;
    if (userId !== facts.userId || sessionId !== facts.sessionId) return { data: null };
    const row: AuditRow = {
      actorId: userId,
      sessionId,
      action: action as AuditAction,
      outcome: "cancelled",
      recordType,
      recordId,
      factor: null,
      authenticatorId: null,
      policyVersion: facts.policyVersion,
      address: null,
      detail: {},
    };
    const { name, email } = facts.person;
    await recordAudit(tx, row, { by: { name, email }, digest });
    return { data: null };
  },
});
