import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/client";
import { emailChanges } from "@/db/schema/links";
import { people } from "@/db/schema/people";
import { defineCommand } from "@/lib/command";
import { openLink, revokeLinks } from "@/lib/links/links";
import { mailTo, noticeTo } from "@/lib/notices/outbox";
import { emailAddress } from "@/lib/people/email-address";
import type { Person } from "@/lib/people/person";
import { consumeGrant } from "@/lib/step-up/grant";
import { Invalid } from "@/lib/step-up/refusal";
import { lockAllSessions } from "../lock-all";

const lifetimeMinutes = 24 * 60;

/** What a confirming link stands for. */
export type EmailSide = { changeId: string; side: "old" | "new" };

/**
 * Begins a change of the e-mail address: nothing changes until both addresses have confirmed, so that neither a
 * stolen session nor a mistyped address takes the account along.
 */
export const changeEmail = defineCommand({
  name: "security.change-email",
  input: z.strictObject({
    email: emailAddress,
  }),
  async subject(_read, person, { email }) {
    if (email === person.email) throw new Invalid({ email: "That is your address already." });
    return person;
  },
  record: (person) => ({ type: "person", id: person.id, version: null }),
  prompt: (person, { email }) => ({
    purpose: "to change your email address",
    verb: "Change email",
    changes: [{ label: "Email", from: person.email, to: email }],
  }),
  async run(tx, grant, { email }, { person, facts }) {
    await consumeGrant(tx, grant, "security.change-email", facts.userId);
    await cancelPending(tx, person.id);
    const [change] = await tx
      .insert(emailChanges)
      .values({
        personId: person.id,
        oldEmail: person.email,
        newEmail: email,
        expiresAt: sql`now() + make_interval(mins => ${lifetimeMinutes})`,
      })
      .returning({ id: emailChanges.id });
    if (!change) throw new Error("the change was not written");
    await askOldAddress(tx, person, email, change.id);
    await askNewAddress(tx, person, email, change.id);
    await lockAllSessions(tx, person.id);
    return { data: null, detail: { step: "asked", from: person.email, to: email } };
  },
});

async function askOldAddress(tx: Tx, person: Person, email: string, changeId: string): Promise<void> {
  const url = await confirmingLink(tx, person.id, { changeId, side: "old" });
  await noticeTo(
    tx,
    person,
    {
      kind: "email-change-old",
      subject: "Confirm your new email address",
      body: `Your Keyturn account is to use ${email} from now on. If you asked for it, confirm within 24 hours: ${url}`,
    },
    { did: "email-changed", emailChangeId: changeId },
  );
}

/** An address that somebody else uses gets a mail without a link; the person who asked is told nothing of it. */
async function askNewAddress(tx: Tx, person: Person, email: string, changeId: string): Promise<void> {
  const [taken] = await tx.select({ id: people.id }).from(people).where(eq(people.email, email));
  const to = { personId: person.id, email };
  if (taken) {
    await mailTo(tx, to, {
      kind: "email-change-taken",
      subject: "Your address was entered in Keyturn",
      body: "Somebody wanted to use this address for their account. You have an account with it already, so nothing was changed and you need do nothing.",
    });
    return;
  }
  const url = await confirmingLink(tx, person.id, { changeId, side: "new" });
  await mailTo(tx, to, {
    kind: "email-change-new",
    subject: "Confirm your new email address",
    body: `Your Keyturn account is to use this address from now on. If you asked for it, confirm within 24 hours: ${url}\n\nIf you know nothing of it, do nothing.`,
  });
}

async function confirmingLink(tx: Tx, personId: string, data: EmailSide): Promise<string> {
  const { url } = await openLink(tx, { purpose: "confirm-email", personId, data, lifetimeMinutes });
  return url;
}

/** Gives up whatever change is on its way; its links with it. */
export async function cancelPending(tx: Tx, personId: string): Promise<number> {
  await revokeLinks(tx, "confirm-email", personId);
  const cancelled = await tx
    .update(emailChanges)
    .set({ cancelledAt: sql`now()` })
    .where(
      and(
        eq(emailChanges.personId, personId),
        isNull(emailChanges.completedAt),
        isNull(emailChanges.cancelledAt),
      ),
    )
    .returning({ id: emailChanges.id });
  return cancelled.length;
}

/** Gives up one's own change while it waits: nothing was changed yet, so being signed in is enough. */
export const cancelEmailChange = defineCommand({
  name: "security.cancel-email-change",
  input: z.strictObject({}),
  subject: async (_read, person) => person,
  record: (person) => ({ type: "person", id: person.id, version: null }),
  prompt: () => ({ purpose: "to keep your email address", verb: "Keep", changes: [] }),
  async run(tx, grant, _input, { facts }) {
    await consumeGrant(tx, grant, "security.cancel-email-change", facts.userId);
    return { data: { cancelled: await cancelPending(tx, facts.userId) } };
  },
});
