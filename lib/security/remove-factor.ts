import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/client";
import { authenticators, codeDestinations, totpSeeds } from "@/db/schema/step-up";
import { defineCommand } from "@/lib/command";
import { noticeTo } from "@/lib/notices/outbox";
import type { Person } from "@/lib/people/person";
import { takeTurn } from "@/lib/step-up/attempts";
import { factorWords } from "@/lib/step-up/factor-words";
import type { SessionFacts } from "@/lib/step-up/facts";
import { consumeGrant } from "@/lib/step-up/grant";
import { Invalid } from "@/lib/step-up/refusal";
import { leftWithout } from "./left-without";
import { lockAllSessions } from "./lock-all";
import { goneSignal, type OwnedAuthenticator, readOwn } from "./own-authenticator";

/** Takes one's own authenticator away, after a proof for exactly this by the strongest that the account has. */
export const removeFactor = defineCommand({
  name: "security.remove-factor",
  input: z.strictObject({ authenticatorId: z.uuid() }),
  subject: (read, person, { authenticatorId }) => readOwn(read, person, authenticatorId),
  names: ({ authenticatorId }) => ({ type: "authenticator", id: authenticatorId }),
  record: ({ id }) => ({ type: "authenticator", id, version: null }),
  prompt: ({ name, factor }) => ({
    purpose: `to remove ${name} (${factorWords[factor].had})`,
    verb: "Remove",
    changes: [],
  }),
  async run(tx, grant, { authenticatorId }, { person, subject, facts }) {
    // One change of factors at a time: the one before has locked the sessions, and with that this grant ends.
    await takeTurn(tx, facts.userId);
    await consumeGrant(tx, grant, "security.remove-factor", authenticatorId);
    requireAWayLeft(facts, authenticatorId);
    await takeAway(tx, person, subject);
    await lockAllSessions(tx, person.id);
    return {
      data: { signal: goneSignal(subject) },
      detail: { kind: subject.factor, name: subject.name, credentialId: subject.credentialId },
    };
  },
});

function requireAWayLeft(facts: SessionFacts<Person>, authenticatorId: string): void {
  const action = leftWithout(facts, [authenticatorId]);
  if (action === "any")
    throw new Invalid({}, "It is your only second factor. Add another one first, then remove this one.");
  if (action)
    throw new Invalid(
      {},
      "Your work needs this one: nothing else of yours may confirm it. Add another one of its kind first.",
    );
}

/** Removes it and tells its owner. The row stays ("first" is never true again), the seed or number goes. */
export async function takeAway(
  tx: Tx,
  person: Pick<Person, "id" | "email">,
  own: Pick<OwnedAuthenticator, "id" | "name" | "factor">,
): Promise<void> {
  const removed = await tx
    .update(authenticators)
    .set({ removedAt: sql`now()` })
    .where(
      and(
        eq(authenticators.id, own.id),
        eq(authenticators.userId, person.id),
        isNull(authenticators.removedAt),
      ),
    )
    .returning({ id: authenticators.id });
  if (removed.length === 0) throw new Invalid({}, "It was removed already.");
  await tx.delete(totpSeeds).where(eq(totpSeeds.authenticatorId, own.id));
  await tx.delete(codeDestinations).where(eq(codeDestinations.authenticatorId, own.id));
  await noticeTo(
    tx,
    person,
    {
      kind: "factor-removed",
      subject: `${own.name} was removed from your account`,
      body: `${own.name} (${factorWords[own.factor].had}) no longer confirms what you do in Keyturn.`,
    },
    { did: "factor-removed", authenticatorId: own.id },
  );
}
