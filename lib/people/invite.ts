import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Reader, Tx } from "@/db/client";
import { links } from "@/db/schema/links";
import { people, type Role, roles } from "@/db/schema/people";
import { mayAdminister } from "@/lib/access/access";
import { askForApproval, takeAdministrationTurn } from "@/lib/approvals/ask";
import { defineCommand } from "@/lib/command";
import { line } from "@/lib/platform/line";
import { consumeGrant } from "@/lib/step-up/grant";
import { Invalid } from "@/lib/step-up/refusal";
import { hasRoomForAdministrator, readAdministrators } from "./administrators";
import { administratorsChanged, requireReason } from "./change-role";
import { emailAddress } from "./email-address";
import { type InvitationData, isInvited, takeInvitationTurn } from "./invitation";
import { makeAdministrator } from "./make-administrator";
import type { Person } from "./person";
import { type OpenLink, readOpenLink } from "./read-people";
import { roleWords } from "./role-words";
import { type Sent, sendInvitation } from "./send-invitation";
import { teamFits } from "./team-fits";
import { findOrMakeTeam, readTeamByName } from "./teams";

const invitation = z
  .strictObject({
    name: line("The name", 120).min(1, "Enter the person's name."),
    email: emailAddress,
    role: z.enum(roles, "Choose a role."),
    team: line("The team", 80),
    /** Where a second administrator must approve it. */
    reason: line("The reason", 500).default(""),
  })
  .superRefine(teamFits);
type Invitation = z.infer<typeof invitation>;

/** An invitation that went out, or `waits` for a second administrator's approval. */
export type Invited = Sent & { waits?: true };

/**
 * Invites a colleague by mail: name, role and team are what the inviting administrator confirms. An administrator's
 * invitation goes out once a second one approves, unless there is nobody to ask (administrators.ts).
 */
export const inviteColleague = defineCommand({
  name: "admin.invite",
  input: invitation,
  async subject(read, person, { email, role, team, reason }) {
    if (!mayAdminister(person)) return null;
    await requireFree(read, email);
    const asks = await asksFor(read, role);
    if (asks) requireReason(reason);
    return { team: team ? await readTeamByName(read, team) : null, asks };
  },
  record: (_subject, { email }) => ({ type: "invitation", id: email, version: null }),
  prompt: ({ team, asks }, input) => ({
    purpose: asks ? `to ask for an invitation of ${input.name}` : `to invite ${input.name}`,
    verb: asks ? "Ask" : "Send invitation",
    changes: [
      { label: "Email", from: null, to: input.email },
      { label: "Role", from: null, to: roleWords[input.role] },
      ...(input.team
        ? [{ label: "Team", from: null, to: team ? team.name : `${input.team} (a new team)` }]
        : []),
      ...(asks ? [{ label: "Reason", from: null, to: input.reason }] : []),
    ],
  }),
  async run(tx, grant, input, { person, subject: { asks } }) {
    const { name, email, role } = input;
    if (role === "administrator") await takeAdministrationTurn(tx, person);
    // Before the session is looked at: whoever is locked out at this moment invites nobody any more.
    await takeInvitationTurn(tx);
    await consumeGrant(tx, grant, "admin.invite", email);
    await requireFree(tx, email);
    if ((await asksFor(tx, role)) !== asks) throw administratorsChanged();
    if (asks) return ask(tx, input, person);
    const team = input.team ? await findOrMakeTeam(tx, input.team) : null;
    const data = { email, name, role, teamId: team?.id ?? null };
    const { id, ...sent } = await sendInvitation(tx, person, data);
    return { data: sent as Invited, about: { type: "invitation", id }, detail: { step: "sent", ...data } };
  },
});

async function asksFor(read: Reader, role: Role): Promise<boolean> {
  return role === "administrator" && !(await hasRoomForAdministrator(read));
}

async function ask(tx: Tx, { name, email, reason }: Invitation, askedBy: Person) {
  const input = { name, email };
  const { approvalId } = await askForApproval(tx, makeAdministrator, { input, reason, askedBy });
  const data: Invited = { email, link: null, waits: true };
  return { data, detail: { step: "asked", approval: approvalId, email, reason } };
}

/** Sends an invitation again: a new link and a new day, and whoever sends it vouches from now on. */
export const resendInvitation = defineCommand({
  name: "admin.invite",
  input: z.strictObject({ invitationId: z.uuid() }),
  subject: async (read, person, { invitationId }) => {
    const link = mayAdminister(person) ? await readOpenLink(read, invitationId) : null;
    if (link?.purpose !== "invitation" || !link.data) return null;
    const subject = { ...link, data: link.data };
    // Here as well, so that nobody proves what is refused.
    await requireNoAccount(read, subject.data.email);
    await inviterOf(read, subject, person);
    return subject;
  },
  record: ({ id }) => ({ type: "invitation", id, version: null }),
  prompt: ({ name, data }) => ({
    purpose: `to send the invitation of ${name} again`,
    verb: "Send again",
    changes: [
      { label: "Email", from: null, to: data.email },
      { label: "Role", from: null, to: roleWords[data.role] },
    ],
  }),
  async run(tx, grant, { invitationId }, { person, subject }) {
    const { data } = subject;
    if (data.role === "administrator") await takeAdministrationTurn(tx, person);
    await takeInvitationTurn(tx);
    await consumeGrant(tx, grant, "admin.invite", invitationId);
    await requireNoAccount(tx, data.email);
    await takeBack(tx, invitationId);
    const inviter = await inviterOf(tx, subject, person);
    const { id, ...sent } = await sendInvitation(tx, inviter, data);
    return { data: sent as Sent, detail: { step: "sent-again", next: id, ...data } };
  },
});

/** Takes back an invitation, or a recovery link that the operator made: from then on it opens nothing. */
export const revokeInvitation = defineCommand({
  name: "admin.invite",
  input: z.strictObject({ invitationId: z.uuid() }),
  subject: async (read, person, { invitationId }) =>
    mayAdminister(person) ? readOpenLink(read, invitationId) : null,
  record: ({ id }) => ({ type: "invitation", id, version: null }),
  prompt: (link) => ({ purpose: `to revoke ${linkWords(link)}`, verb: "Revoke", changes: [] }),
  async run(tx, grant, { invitationId }, { subject: { email, purpose } }) {
    await consumeGrant(tx, grant, "admin.invite", invitationId);
    await takeBack(tx, invitationId);
    return { data: null, detail: { step: "revoked", purpose, email } };
  },
});

function linkWords({ purpose, name, email }: OpenLink): string {
  return purpose === "recovery" ? `the recovery link of ${name}` : `the invitation of ${name || email}`;
}

/** An unused link ends. Throws Invalid where somebody was quicker. */
async function takeBack(tx: Tx, id: string): Promise<void> {
  const revoked = await tx
    .update(links)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(links.id, id), isNull(links.usedAt), isNull(links.revokedAt)))
    .returning({ id: links.id });
  if (revoked.length === 0)
    throw new Invalid({}, "This link was used or revoked in the meantime. Reload the page.");
}

async function requireFree(read: Reader, email: string): Promise<void> {
  await requireNoAccount(read, email);
  if (await isInvited(read, email))
    throw new Invalid({ email: "This address has an open invitation: send that one again, or revoke it." });
}

async function requireNoAccount(read: Reader, email: string): Promise<void> {
  const [account] = await read
    .select({ disabledAt: people.disabledAt })
    .from(people)
    .where(eq(people.email, email));
  if (account?.disabledAt)
    throw new Invalid({ email: "The account with this address is disabled: enable it on its page." });
  if (account) throw new Invalid({ email: "Somebody with this address already has an account." });
}

/**
 * Who invites, where an invitation is sent again: whoever does. An administrator's stays that of who asked for it, and as
 * approved as it was; whoever sends it may get the link into their hands, so it is one of the two, with whom the newcomer
 * is tied (approvals/ties.ts). Throws Invalid where it must be asked for anew.
 */
async function inviterOf(read: Reader, link: OpenLink & { data: InvitationData }, by: Person) {
  const { role, approvedBy } = link.data;
  if (role !== "administrator") return by;
  if (!approvedBy && (await hasRoomForAdministrator(read, link.id))) return by;
  const inviter = (await readAdministrators(read)).find(({ id }) => id === link.invitedBy?.id);
  if (!approvedBy || !inviter || link.expired)
    throw new Invalid({}, "A second administrator must approve this one: revoke it, and invite them again.");
  if (by.id !== inviter.id && by.id !== approvedBy)
    throw new Invalid({}, "Only who asked for this one or approved it can send it again: ask one of them.");
  return inviter;
}
