import { and, eq, isNull } from "drizzle-orm";
import { z } from "zod";
import { authenticators } from "@/db/schema/step-up";
import { defineCommand } from "@/lib/command";
import { line } from "@/lib/platform/line";
import { consumeGrant } from "@/lib/step-up/grant";
import { Forbidden } from "@/lib/step-up/refusal";
import { detailsSignal, readOwn } from "./own-authenticator";

/** Gives one's own authenticator another name. */
export const renameFactor = defineCommand({
  name: "security.rename-factor",
  input: z.strictObject({
    authenticatorId: z.uuid(),
    name: line("The name", 60).min(1, "Give it a name."),
  }),
  subject: (read, person, { authenticatorId }) => readOwn(read, person, authenticatorId),
  names: ({ authenticatorId }) => ({ type: "authenticator", id: authenticatorId }),
  record: ({ id }) => ({ type: "authenticator", id, version: null }),
  prompt: (own, { name }) => ({
    purpose: `to rename ${own.name}`,
    verb: "Rename",
    changes: [{ label: "Name", from: own.name, to: name }],
  }),
  async run(tx, grant, { authenticatorId, name }, { person, subject }) {
    await consumeGrant(tx, grant, "security.rename-factor", authenticatorId);
    const renamed = await tx
      .update(authenticators)
      .set({ name })
      .where(
        and(
          eq(authenticators.id, authenticatorId),
          eq(authenticators.userId, person.id),
          isNull(authenticators.removedAt),
        ),
      )
      .returning({ id: authenticators.id });
    if (renamed.length === 0) throw new Forbidden("This authenticator is no longer yours.");
    const signal = subject.factor === "passkey" ? await detailsSignal(tx, person) : null;
    return { data: { signal }, detail: { from: subject.name, to: name } };
  },
});
