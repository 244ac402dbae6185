import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/client";
import { links } from "@/db/schema/links";
import { people, type Role, roles } from "@/db/schema/people";
import { mayAdminister } from "@/lib/access/access";
import { defineCommand } from "@/lib/command";
import { mailTo } from "@/lib/notices/outbox";
import { environment } from "@/lib/platform/env";
import { line } from "@/lib/platform/line";
import { consumeGrant } from "@/lib/step-up/grant";
import { Invalid } from "@/lib/step-up/refusal";
import { requireRoomForAdministrator } from "./administrators";
import { emailAddress } from "./email-address";
import {
  type InvitationData,
  invitationHours,
  isInvited,
  openInvitation,
  takeInvitationTurn,
} from "./invitation";
import type { Person } from "./person";
import { type OpenLink, readOpenLink } from "./read-people";
import { findOrMakeTeam, readTeamByName } from "./teams";

/** An invitation on its way. */
export type Sent = {
  email: string;
  /** Where no mail can be sent: the link, this once, for the administrator to hand over. */
  link: string | null;
};

export const roleWords: Record<Role, string> = {
  employee: "Employee",
  manager: "Manager",
  auditor: "Auditor",
  administrator: "Administrator",
};

const invitation = z
  .strictObject({
    name: line("The name", 120).min(1, "Enter the person's name."),
    email: emailAddress,
    role: z.enum(roles, "Choose a role."),
    team: line("The team", 80),
  })
  .superRefine(({ role, team }, context) => {
    const issue = (message: string) => context.addIssue({ code: "custom", path: ["team"], message });
    if (role === "employee" && !team) issue("Enter a team: employees work on its customers.");
    if ((role === "administrator" || role === "auditor") && team)
      issue("Administrators and auditors belong to no team: leave it empty.");
  });

/** Invites a colleague by mail: name, role and team are what the inviting administrator confirms. */
export const inviteColleague = defineCommand({
  name: "admin.invite",
  input: invitation,
  subject: async (read, person, { team }) =>
    mayAdminister(person) ? { team: team ? await readTeamByName(read, team) : null } : null,
  record: (_subject, { email }) => ({ type: "invitation", id: email, version: null }),
  prompt: ({ team }, input) => ({
    purpose: `to invite ${input.name}`,
    verb: "Send invitation",
    changes: [
      { label: "Email", from: null, to: input.email },
      { label: "Role", from: null, to: roleWords[input.role] },
      ...(input.team
        ? [{ label: "Team", from: null, to: team ? team.name : `${input.team} (a new team)` }]
        : []),
    ],
  }),
  async run(tx, grant, { name, email, role, team: teamName }, { person }) {
    await consumeGrant(tx, grant, "admin.invite", email);
    await takeInvitationTurn(tx);
    await requireNoAccount(tx, email);
    if (await isInvited(tx, email))
      throw new Invalid({ email: "This address has an open invitation: send that one again, or revoke it." });
    if (role === "administrator") await requireRoomForAdministrator(tx);
    const team = teamName ? await findOrMakeTeam(tx, teamName) : null;
    const data = { email, name, role, teamId: team?.id ?? null };
    const { id, ...sent } = await send(tx, person, data);
    return { data: sent, about: { type: "invitation", id }, detail: { step: "sent", ...data } };
  },
});

/** Sends an invitation again: a new link and a new day, and whoever sends it vouches from now on. */
export const resendInvitation = defineCommand({
  name: "admin.invite",
  input: z.strictObject({ invitationId: z.uuid() }),
  subject: async (read, person, { invitationId }) => {
    const link = mayAdminister(person) ? await readOpenLink(read, invitationId) : null;
    return link?.purpose === "invitation" && link.data ? { ...link, data: link.data } : null;
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
  async run(tx, grant, { invitationId }, { person, subject: { data } }) {
    await consumeGrant(tx, grant, "admin.invite", invitationId);
    await takeInvitationTurn(tx);
    await requireNoAccount(tx, data.email);
    if (data.role === "administrator") await requireRoomForAdministrator(tx, invitationId);
    await takeBack(tx, invitationId);
    const { id, ...sent } = await send(tx, person, data);
    return { data: sent, detail: { step: "sent-again", next: id, ...data } };
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
    throw new Invalid({}, "This link was used or revoked meanwhile. Load the page again.");
}

async function requireNoAccount(tx: Tx, email: string): Promise<void> {
  const [account] = await tx.select({ id: people.id }).from(people).where(eq(people.email, email));
  if (account) throw new Invalid({ email: "Somebody with this address has an account already." });
}

async function send(tx: Tx, inviter: Person, data: InvitationData): Promise<Sent & { id: string }> {
  const { id, url } = await openInvitation(tx, data, { createdBy: inviter.id });
  const body = `Hello ${data.name},

${inviter.name} (${inviter.email}) invites you to Keyturn. Open this link to choose a password and to set up a second factor. It works once, within ${invitationHours} hours:

${url}

If you don't know what this is about, leave the link alone and ask ${inviter.name}.`;
  await mailTo(
    tx,
    { personId: null, email: data.email },
    { kind: "invitation", subject: `${inviter.name} invites you to Keyturn`, body },
  );
  return { id, email: data.email, link: environment().smtpUrl ? null : url };
}
