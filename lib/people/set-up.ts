import { and, eq } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { links } from "@/db/schema/links";
import { defineCommand } from "@/lib/command";
import { readLink, working } from "@/lib/links/links";
import { definePublicCommand } from "@/lib/public-command";
import { offer } from "@/lib/security/enrol";
import { takeTurn } from "@/lib/step-up/attempts";
import { usableAuthenticators } from "@/lib/step-up/facts";
import { consumeGrant } from "@/lib/step-up/grant";
import { Invalid } from "@/lib/step-up/refusal";
import { readAccount } from "./read-subject";

const token = z.string().max(64);

/** Whose second factor a link sets up: told to whoever holds it, before the password is asked for. */
export type SetUpView = {
  person: { id: string; name: string; email: string };
  /** A new password comes first, by the other link that the reset sent. */
  passwordLocked: boolean;
};

/** Whether a link that a reset sent this person waits for them. */
export async function waitsForSetUp(read: Reader, personId: string): Promise<boolean> {
  const found = await read
    .select({ id: links.id })
    .from(links)
    .where(and(eq(links.purpose, "set-up-factor"), eq(links.personId, personId), working()));
  return found.length > 0;
}

/** Shows whom a set-up link is for. Spends nothing. */
export const lookAtSetUp = definePublicCommand({
  name: "link.look-at-set-up",
  input: z.strictObject({ token }),
  async run(tx, input): Promise<{ data: SetUpView }> {
    const link = await readLink(tx, ["set-up-factor"], input.token);
    const account = link?.personId ? await readAccount(tx, link.personId) : null;
    if (!account || account.disabled) throw setUpIsOver();
    const { id, name, email, passwordLocked } = account;
    return { data: { person: { id, name, email }, passwordLocked } };
  },
});

/**
 * After a reset: the link, and a session that began with the password, open the ticket for a new second factor, on
 * probation (design § 6); the mailbox alone does not, since a password that was chosen by mail ends the link. Until one is
 * bound, the link opens it again: a set-up that was given up is no dead end. The
 * activation takes the link back, and locks every session, so that of two set-ups at once one is bound.
 */
export const openSetUp = defineCommand({
  name: "security.enrol-after-reset",
  input: z.strictObject({ token }),
  subject: async (_read, person) => person,
  record: (person) => ({ type: "person", id: person.id, version: null }),
  prompt: () => ({ purpose: "to set up your second factor", verb: "Continue", changes: [] }),
  async run(tx, grant, input, { facts }) {
    await takeTurn(tx, facts.userId);
    await consumeGrant(tx, grant, "security.enrol-after-reset", facts.userId);
    const link = await readLink(tx, ["set-up-factor"], input.token);
    const owned = link !== null && link.personId === facts.userId;
    if (!owned || usableAuthenticators(facts.authenticators).length > 0) throw setUpIsOver();
    const data = await offer(tx, facts, { factor: null, openedBy: "link", vouchedBy: null });
    return { data, detail: { step: "opened", link: link.id } };
  },
});

/** The one answer to whatever is wrong with it; `complete-reset.ts` ends it with a password that was chosen by mail. */
function setUpIsOver(): Invalid {
  return new Invalid(
    {},
    "This link was used already, has expired, or ended when you chose a new password by email. Ask an administrator to reset your factors again.",
  );
}
