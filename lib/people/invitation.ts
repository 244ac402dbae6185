import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Reader, Tx } from "@/db/client";
import { links } from "@/db/schema/links";
import { people, roles, teams } from "@/db/schema/people";
import { waitsForTurnOf } from "@/db/turn";
import { type Link, linkIsOver, openLink, readLink, working } from "@/lib/links/links";
import { Invalid } from "@/lib/step-up/refusal";
import {
  everEnrolled,
  hasEnrolledAdministrator,
  isOfThisInstallation,
  isOpenAccount,
  isTrusted,
} from "./administrators";
import type { Named } from "./read";

/** How long people have for what they find in their mail the next morning. */
export const invitationHours = 24;

/** What an invitation's row tells of the account that it makes. */
export const invitationData = z.strictObject({
  email: z.string(),
  /** Empty where the operator invites: then the person says it. */
  name: z.string(),
  role: z.enum(roles),
  teamId: z.uuid().nullable(),
  /** Of an administrator's: the second one, who approved it. */
  approvedBy: z.uuid().optional(),
});
export type InvitationData = z.infer<typeof invitationData>;

/**
 * One at a time invites, of all administrators and the operator: so that two never make the same team, invite the
 * same person or the second administrator twice. Ends with the transaction.
 */
export function takeInvitationTurn(tx: Tx): Promise<void> {
  return waitsForTurnOf(tx, "invite");
}

/** Makes the link, and takes back whatever invited this address before. */
export async function openInvitation(
  tx: Tx,
  data: InvitationData,
  by: { createdBy: string | null; personId?: string },
): Promise<{ id: string; url: string }> {
  await revokeInvitationsTo(tx, data.email);
  return openLink(tx, {
    purpose: "invitation",
    personId: by.personId ?? null,
    data,
    createdBy: by.createdBy,
    lifetimeMinutes: invitationHours * 60,
  });
}

/** Takes back every link that invites this address, used ones aside. */
export async function revokeInvitationsTo(tx: Tx, email: string): Promise<void> {
  const unused = and(isNull(links.usedAt), isNull(links.revokedAt));
  await tx
    .update(links)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(links.purpose, "invitation"), eq(sql`${links.data}->>'email'`, email), unused));
}

/** Whether a link that still works invites this address. */
export async function isInvited(read: Reader, email: string): Promise<boolean> {
  const found = await read
    .select({ id: links.id })
    .from(links)
    .where(and(eq(links.purpose, "invitation"), eq(sql`${links.data}->>'email'`, email), working()))
    .limit(1);
  return found.length > 0;
}

/** A link that may be accepted now, and what it makes or recovers. */
export type Offered = {
  link: Link;
  purpose: "invitation" | "recovery";
  email: string;
  name: string;
  role: InvitationData["role"];
  team: Named | null;
  /** The administrator; null: the operator, at the host. */
  invitedBy: { id: string; name: string; isDemo: boolean } | null;
  /** The account that is there already and gets a new password. */
  personId: string | null;
  approvedBy?: string | undefined;
};

/** What an unused link leads to. Throws Invalid in words where it leads nowhere (any more). */
export async function requireOffered(read: Reader, token: string): Promise<Offered> {
  const link = await readLink(read, ["invitation", "recovery"], token);
  if (!link) throw linkIsOver();
  return link.purpose === "recovery" ? recoveryOf(read, link) : invitationOf(read, link);
}

async function invitationOf(read: Reader, link: Link): Promise<Offered> {
  const data = invitationData.parse(link.data);
  const invitedBy = link.createdBy ? await requireVouching(read, link.createdBy) : null;
  if (data.approvedBy) await requireVouching(read, data.approvedBy);
  if (!invitedBy && (await hasEnrolledAdministrator(read)))
    throw new Invalid({}, "Keyturn has an administrator by now: ask them for an invitation.");
  await requireUnfinished(read, link, data.email);
  const [team] = data.teamId
    ? await read.select({ id: teams.id, name: teams.name }).from(teams).where(eq(teams.id, data.teamId))
    : [];
  return { ...data, link, purpose: "invitation", team: team ?? null, invitedBy, personId: link.personId };
}

/** Whoever is no longer an administrator, or was reported, invites nobody; nor a demo's account into a real installation. */
async function requireVouching(read: Reader, id: string): Promise<NonNullable<Offered["invitedBy"]>> {
  const [inviter] = await read
    .select({ id: people.id, name: people.name, isDemo: people.isDemo })
    .from(people)
    .where(and(eq(people.id, id), eq(people.role, "administrator"), isTrusted()));
  if (inviter) return inviter;
  throw new Invalid(
    {},
    "Whoever sent or approved this invitation is no longer an administrator. Ask for a new one.",
  );
}

/** The address has no account, or the very one that the link was made for and that never had a second factor. */
async function requireUnfinished(read: Reader, link: Link, email: string): Promise<void> {
  const [account] = await read
    .select({ id: people.id })
    .from(people)
    .where(and(eq(people.email, email), link.personId ? everEnrolled() : undefined))
    .limit(1);
  if (account) throw new Invalid({}, alreadyThere);
}

/** What a recovery link's row tells, as recover-person.ts wrote it. */
export const recoveryData = z.strictObject({
  email: z.string(),
  reason: z.string(),
  /** The account was disabled when the link was made: it is opened again. */
  opens: z.boolean().default(false),
  /** Where its owner is reached from then on; of an account that "This wasn't me" closed. */
  newEmail: z.string().optional(),
});

/** Whether a recovery opens a disabled account. */
export function opens(link: Link): boolean {
  return recoveryData.parse(link.data).opens;
}

export const alreadyThere =
  "There is an account with this email address already. Sign in, or use “Forgot password?” there.";

async function recoveryOf(read: Reader, link: Link): Promise<Offered> {
  const [person] = await read
    .select({ id: people.id, email: people.email, name: people.name, role: people.role })
    .from(people)
    .where(and(eq(people.id, link.personId ?? ""), opens(link) ? isOfThisInstallation() : isOpenAccount()));
  if (!person) throw new Invalid({}, "This account is no longer open.");
  const { id, ...account } = person;
  const email = recoveryData.parse(link.data).newEmail ?? account.email;
  return { ...account, email, link, purpose: "recovery", team: null, invitedBy: null, personId: id };
}
