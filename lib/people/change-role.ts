import { z } from "zod";
import type { Reader, Tx } from "@/db/client";
import { roles } from "@/db/schema/people";
import { mayAdminister } from "@/lib/access/access";
import { askForApproval, reason as reasonLine, takeAdministrationTurn } from "@/lib/approvals/ask";
import { readRequestsOf, requestsWords } from "@/lib/approvals/requests-of";
import { defineCommand } from "@/lib/command";
import { line } from "@/lib/platform/line";
import { consumeGrant } from "@/lib/step-up/grant";
import { Invalid } from "@/lib/step-up/refusal";
import { hasRoomForAdministrator } from "./administrators";
import { giveRole } from "./give-role";
import { takeInvitationTurn } from "./invitation";
import { type Leaving, leavingWords, readLeaving } from "./leaving";
import { makeAdministrator } from "./make-administrator";
import { settleInvitations } from "./open-invitations";
import type { Person } from "./person";
import type { Named } from "./read";
import { type Account, readAccount, requireUnchanged } from "./read-subject";
import { roleWords } from "./role-words";
import { teamFits } from "./team-fits";
import { findOrMakeTeam, readTeamByName } from "./teams";

const changed = z
  .strictObject({
    personId: z.uuid(),
    role: z.enum(roles, "Choose a role."),
    team: line("The team", 80),
    /** Who looks after the customers that they don't see any more; null: nobody. */
    customersTo: z.uuid().nullable().default(null),
    /** Where a second administrator must approve it, and where an administrator stops being one. */
    reason: line("The reason", 500).default(""),
  })
  .superRefine(teamFits);
type Changed = z.infer<typeof changed>;

type Subject = {
  account: Account;
  team: Named | null;
  leaving: Leaving;
  asks: boolean;
  /** An administrator stops being one. */
  stops: boolean;
  /** What they had asked for, and is over then. */
  requests: string[];
};

/** What changing a role leads to: it is done, or a second administrator was asked. */
export type RoleChanged = { waits: boolean };

/**
 * Gives a colleague another role or team. Nobody changes their own: so whoever turns others out stays, and one
 * administrator is always left. Making an administrator is asked for, unless there is nobody to ask (administrators.ts).
 */
export const changeRole = defineCommand({
  name: "admin.change-role",
  input: changed,
  subject: readSubject,
  names: ({ personId }) => ({ type: "person", id: personId }),
  record: ({ account }) => ({ type: "person", id: account.id, version: account.version }),
  prompt: ({ account, team, leaving, asks, stops, requests }, input) => ({
    purpose: asks
      ? `to ask that ${account.name} becomes an administrator`
      : `to change ${account.name}'s role or team`,
    verb: asks ? "Ask" : "Change",
    changes: [
      { label: "Account", from: null, to: account.email },
      ...(input.role === account.role
        ? []
        : [{ label: "Role", from: roleWords[account.role], to: roleWords[input.role] }]),
      ...teamWords(account, team, input),
      ...leavingWords(account, leaving),
      ...requestsWords(account, requests),
      ...(asks || stops ? [{ label: "Reason", from: null, to: input.reason }] : []),
    ],
  }),
  async run(tx, grant, input, { person, subject: { account, asks } }) {
    await takeAdministrationTurn(tx, person);
    // Before the account is locked, whose own invitation at this moment would wait for it.
    await takeInvitationTurn(tx);
    await consumeGrant(tx, grant, "admin.change-role", account.id);
    await requireUnchanged(tx, account);
    if ((await asksFor(tx, account, input)) !== asks) throw administratorsChanged();
    return asks ? ask(tx, input, person) : change(tx, account, input, person);
  },
});

async function ask(tx: Tx, { personId, customersTo, reason }: Changed, askedBy: Person) {
  const input = { personId, customersTo };
  const { approvalId } = await askForApproval(tx, makeAdministrator, { input, reason, askedBy });
  const data: RoleChanged = { waits: true };
  return { data, detail: { step: "asked", approval: approvalId, reason } };
}

async function change(tx: Tx, account: Account, input: Changed, by: Person) {
  const { role, customersTo, reason } = input;
  const team = input.team ? await findOrMakeTeam(tx, input.team) : null;
  const { detail } = await giveRole(tx, account, { role, team, customersTo, by, reason });
  const invitations = await settleInvitations(tx, account.id, { to: by.id, fate: "take-back" });
  const makes = role === "administrator" ? { makes: "administrator" } : {};
  const data: RoleChanged = { waits: false };
  return {
    data,
    detail: { step: "changed", ...makes, ...detail, invitations, ...(reason ? { reason } : {}) },
  };
}

async function readSubject(read: Reader, person: Person, input: Changed): Promise<Subject | null> {
  const { personId, role } = input;
  if (!mayAdminister(person) || personId === person.id) return null;
  const account = await readAccount(read, personId);
  if (!account) return null;
  if (account.disabled) throw new Invalid({}, "This account is disabled. Enable it first.");
  const team = input.team ? await readTeamByName(read, input.team) : null;
  if (role === account.role && team?.id === account.team?.id && Boolean(input.team) === Boolean(account.team))
    throw new Invalid({}, "That is their role and team already.");
  const asks = await asksFor(read, account, input);
  if (asks) requireReason(input.reason);
  const stops = account.role === "administrator" && role !== "administrator";
  if (stops) requireReason(input.reason, "The other administrators are told why");
  const now = { role, teamId: team?.id ?? null };
  const leaving = await readLeaving(read, account, now, {
    customersTo: input.customersTo,
    fate: "take-back",
  });
  return {
    account,
    team,
    leaving,
    asks,
    stops,
    requests: stops ? await readRequestsOf(read, account.id) : [],
  };
}

async function asksFor(read: Reader, account: Account, { role }: Changed): Promise<boolean> {
  const makes = role === "administrator" && account.role !== "administrator";
  return makes && !(await hasRoomForAdministrator(read));
}

/** What was confirmed rested on who administers. */
export function administratorsChanged(): Invalid {
  return new Invalid({}, "Who administers has changed in the meantime. Reload the page.");
}

/** `why`: who reads it. Throws Invalid in words. */
export function requireReason(given: string, why = "A second administrator approves this"): void {
  if (!reasonLine.safeParse(given).success)
    throw new Invalid({ reason: `${why}: give a reason of at least 10 characters.` });
}

function teamWords(account: Account, team: Named | null, input: Changed) {
  const next = team?.name ?? (input.team ? `${input.team} (a new team)` : "none");
  const before = account.team?.name ?? "none";
  return next === before ? [] : [{ label: "Team", from: before, to: next }];
}
