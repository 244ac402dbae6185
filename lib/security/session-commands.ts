import { z } from "zod";
import { defineCommand } from "@/lib/command";
import { clearBrowser } from "@/lib/platform/answer";
import { endSession, lockSession } from "@/lib/session/end-session";
import { consumeGrant } from "@/lib/step-up/grant";

const nothing = z.strictObject({});

/** "Lock now": takes the elevation from this session, in every tab. */
export const lockNow = defineCommand({
  name: "session.lock",
  input: nothing,
  subject: async () => ({}),
  record: () => null,
  prompt: () => ({ purpose: "to lock", verb: "Lock now", changes: [] }),
  async run(tx, grant, _input, { facts }) {
    await consumeGrant(tx, grant, "session.lock", null);
    await lockSession(tx, facts.sessionId);
    return { data: null };
  },
});

/** Signing out ends the row: a copied cookie is worth nothing afterwards. What the browser kept goes as well. */
export const signOut = defineCommand({
  name: "session.sign-out",
  input: nothing,
  subject: async () => ({}),
  record: () => null,
  prompt: () => ({ purpose: "to sign out", verb: "Sign out", changes: [] }),
  async run(tx, grant, _input, { facts }) {
    await consumeGrant(tx, grant, "session.sign-out", null);
    await endSession(tx, facts.sessionId, "signed-out");
    clearBrowser();
    return { data: null };
  },
});
