import { eq } from "drizzle-orm";
import { z } from "zod";
import { people } from "@/db/schema/people";
import { defineCommand } from "@/lib/command";
import { noticeTo } from "@/lib/notices/outbox";
import { setPassword } from "@/lib/people/set-password";
import { dummyHash, hashSecret, verifySecret } from "@/lib/platform/password-hash";
import { passwordProblem } from "@/lib/platform/password-rules";
import { endAllSessions } from "@/lib/session/end-all-sessions";
import { consumeGrant } from "@/lib/step-up/grant";
import { Invalid } from "@/lib/step-up/refusal";
import { lockAllSessions } from "./lock-all";

/**
 * A new password, for who knows the current one and proves exactly this (ASVS v5.0.0-6.2.3). It ends the person's
 * other sessions (7.4.3) and keeps every second factor.
 */
export const changePassword = defineCommand({
  name: "security.change-password",
  input: z.strictObject({
    /** Empty where the proof itself is the password: an account without a second factor. */
    current: z.string().max(1024),
    next: z.string().max(1024),
  }),
  secretInput: ["current", "next"],
  async subject(_read, person, { next }) {
    const problem = passwordProblem(next, person);
    if (problem) throw new Invalid({ next: problem });
    return person;
  },
  record: (person) => ({ type: "person", id: person.id, version: null }),
  prompt: () => ({ purpose: "to change your password", verb: "Change password", changes: [] }),
  async run(tx, grant, { current, next }, { person, facts, factor }) {
    await consumeGrant(tx, grant, "security.change-password", facts.userId);
    const [row] = await tx
      .select({ hash: people.passwordHash })
      .from(people)
      .where(eq(people.id, person.id))
      // Whoever has the session's row and writes to its person (a mail, trust in a device) needn't wait for this.
      .for("no key update");
    const hash = row?.hash ?? (await dummyHash());
    if (factor !== "password" && !(await verifySecret(hash, current)))
      throw new Invalid({ current: "That is not your current password." });
    if (await verifySecret(hash, next)) throw new Invalid({ next: "That is your current password." });
    await setPassword(tx, person.id, await hashSecret(next));
    const ended = await endAllSessions(tx, person.id, "password-changed", { keep: facts.sessionId });
    await lockAllSessions(tx, person.id);
    await noticeTo(
      tx,
      person,
      {
        kind: "password-changed",
        subject: "Your password was changed",
        body: "Other sessions were signed out. Your second factors are as they were.",
      },
      { did: "password-changed" },
    );
    return { data: { ended }, detail: { ended } };
  },
});
