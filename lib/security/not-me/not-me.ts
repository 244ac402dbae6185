import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/client";
import { people } from "@/db/schema/people";
import { recordUnproved } from "@/lib/audit/record";
import { linkIsOver, readLink, revokeLinks, spendLink } from "@/lib/links/links";
import { mailAdministrators } from "@/lib/people/administrators";
import { takeTurnsToUndo, type Undone, undoneWords, undoPending } from "@/lib/people/undo-pending";
import { environment } from "@/lib/platform/env";
import { definePublicCommand } from "@/lib/public-command";
import { endAllSessions } from "@/lib/session/end-all-sessions";
import { forgetDevices } from "@/lib/session/forget-devices";
import { takeTurn } from "@/lib/step-up/attempts";
import { cancelPending } from "../email/change-email";
import { mailResetLink } from "../reset/reset-link";
import { reportedBy, reportedWords } from "./reported";
import { type TakenBack, takeBack } from "./take-back";

/** What the owner is told. */
export type NotMeOutcome = {
  suspended: number;
  codesRevoked: boolean;
  /** The address is what it was before: a change of it was taken back or given up. */
  emailKept: boolean;
  /** A reset link is on its way; false: an administrator has to open the account. */
  mailed: boolean;
};

/**
 * "This wasn't me": what was reported is taken back, every session ends, and the password opens nothing until a
 * mailed reset. Whatever was done, it was done from a session, and a session begins with the password: so the lock
 * is the same for all. The administrators are told, since the owner's mailbox may be the thief's as well.
 */
export const notMe = definePublicCommand({
  name: "link.not-me",
  input: z.strictObject({ token: z.string().max(128) }),
  async run(tx, { token }, { address }) {
    // A stranger's token waits for nobody's turn, and has none wait.
    if (!(await readLink(tx, ["not-me"], token))) throw linkIsOver();
    await takeTurnsToUndo(tx);
    const link = await spendLink(tx, ["not-me"], token);
    if (link.personId === null) throw linkIsOver();
    // One change of factors at a time: an enrolment that runs beside this is seen, or finds its session ended.
    await takeTurn(tx, link.personId);
    const person = await readPerson(tx, link.personId);
    if (!person) throw linkIsOver();
    const reported = reportedBy(link);
    const taken = await takeBack(tx, person, reported);
    const ended = await endAllSessions(tx, person.id, "not-me");
    await forgetDevices(tx, person.id);
    await lock(tx, person.id, taken);
    await revokeLinks(tx, "reset-password", person.id);
    await revokeLinks(tx, "set-up-factor", person.id);
    const pending = await cancelPending(tx, person.id);
    const undone = await undoPending(tx, person.id, person.id);
    const mailedTo = isOpen(person) ? taken.email : null;
    if (mailedTo !== null)
      await mailResetLink(tx, { personId: person.id, email: mailedTo }, "You told us that it wasn't you.");
    await tellAdministrators(tx, person, await reportedWords(tx, reported, "their"), undone);
    await recordUnproved(tx, {
      actorId: person.id,
      action: "link.not-me",
      record: { type: "person", id: person.id },
      authenticatorId: reported.authenticatorId ?? null,
      address,
      detail: { did: reported.did, ended, pending, undone, ...taken },
    });
    const data: NotMeOutcome = {
      suspended: taken.suspended.length,
      codesRevoked: taken.codesRevoked > 0,
      emailKept: pending > 0 || (taken.email !== null && taken.email !== person.email),
      mailed: mailedTo !== null,
    };
    return { data };
  },
});

type Reporting = NonNullable<Awaited<ReturnType<typeof readPerson>>>;

async function readPerson(tx: Tx, id: string) {
  const [person] = await tx
    .select({
      id: people.id,
      email: people.email,
      name: people.name,
      isDemo: people.isDemo,
      disabledAt: people.disabledAt,
    })
    .from(people)
    .where(eq(people.id, id))
    .for("update");
  return person ?? null;
}

/** A closed account is as safe as it gets: nobody resets its password. */
function isOpen({ disabledAt, isDemo }: Reporting): boolean {
  return disabledAt === null && (environment().demo || !isDemo);
}

/**
 * Nobody is mailed a way in at an address that may be the thief's: then administrators open the account again, under
 * another one, also where one of them had disabled it before. A form or a decision that is under way is told.
 */
async function lock(tx: Tx, personId: string, { email }: TakenBack): Promise<void> {
  const closed = { disabledAt: sql`coalesce(${people.disabledAt}, now())`, closedBy: "owner" as const };
  await tx
    .update(people)
    .set({
      passwordLockedAt: sql`now()`,
      version: sql`${people.version} + 1`,
      ...(email === null ? closed : {}),
    })
    .where(eq(people.id, personId));
}

async function tellAdministrators(tx: Tx, person: Reporting, what: string, undone: Undone): Promise<void> {
  await mailAdministrators(tx, [person.id], {
    kind: "not-me-reported",
    subject: `${person.name} reports: this wasn't me`,
    body: `Somebody ${what}, and ${person.name} (${person.email}) says that it was not them. They were signed out everywhere, and their password opens nothing until it is reset.${undoneWords(undone)} Make sure that it is them, by a call or in person, and look at their account.`,
  });
}
