import { z } from "zod";
import { defineCommand } from "@/lib/command";
import { noticeTo } from "@/lib/notices/outbox";
import { takeTurn } from "@/lib/step-up/attempts";
import { issueRecoveryCodes } from "@/lib/step-up/factors/recovery-code/codes";
import { consumeGrant } from "@/lib/step-up/grant";
import { Forbidden } from "@/lib/step-up/refusal";
import { lockAllSessions } from "./lock-all";

/** Ten new codes in place of the unused ones, shown this once. */
export const generateRecoveryCodes = defineCommand({
  name: "security.generate-recovery-codes",
  input: z.strictObject({}),
  subject: async (_read, person) => person,
  record: (person) => ({ type: "person", id: person.id, version: null }),
  prompt: () => ({
    purpose: "to make new recovery codes; unused old ones stop working",
    verb: "Generate",
    changes: [],
  }),
  async run(tx, grant, _input, { person, facts }) {
    await takeTurn(tx, facts.userId);
    await consumeGrant(tx, grant, "security.generate-recovery-codes", facts.userId);
    // Codes made with nothing but a password would let its thief enrol with one of them, past the mailed code.
    if (facts.authenticators.length === 0)
      throw new Forbidden("Set up a second factor first: the codes come with it.");
    const codes = await issueRecoveryCodes(tx, person.id);
    await lockAllSessions(tx, person.id);
    await noticeTo(
      tx,
      person,
      {
        kind: "recovery-codes",
        subject: "New recovery codes were made for your account",
        body: "The unused old ones no longer work.",
      },
      { did: "recovery-codes" },
    );
    return { data: { codes } };
  },
});
