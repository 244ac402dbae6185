import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { people } from "@/db/schema/people";
import type { ApprovalKind } from "@/lib/approvals/approval-kind";
import { countLeaving, readColleague } from "@/lib/customers/hand-over";
import { line } from "@/lib/platform/line";
import type { Prompt } from "@/lib/step-up/prompt";
import { emailAddress } from "./email-address";
import { giveRole } from "./give-role";
import { isInvited, takeInvitationTurn } from "./invitation";
import { customersWords } from "./leaving";
import { openAccount } from "./open-account";
import { type Account, accountChanged, lockAccount, readAccount } from "./read-subject";
import { roleWords } from "./role-words";
import { sendInvitation } from "./send-invitation";

const colleague = z.strictObject({
  personId: z.uuid(),
  /** Who looks after their customers from then on; null: nobody. */
  customersTo: z.uuid().nullable(),
});
const newcomer = z.strictObject({ name: line("The name", 120).min(1), email: emailAddress });

export const makeAdministratorInput = z.union([colleague, newcomer]);
export type MakeAdministrator = z.infer<typeof makeAdministratorInput>;

/** Makes a colleague an administrator, opens a disabled administrator's account again, or invites a new one. */
export const makeAdministrator: ApprovalKind<MakeAdministrator> = {
  name: "make-administrator",
  input: makeAdministratorInput,
  subject: (input) => ("personId" in input ? input.personId : input.email),
  target: (input) => ("personId" in input ? input.personId : null),
  words: (read, input) => ("personId" in input ? colleagueWords(read, input) : newcomerWords(read, input)),
  async run(tx, input, { askedBy, approvedBy, reason }) {
    if ("personId" in input) {
      // Whoever closes the account at this moment is waited for, and heard.
      const account = await lockAccount(tx, input.personId);
      if (!canBeMade(account)) throw accountChanged();
      if (account.disabled) {
        await openAccount(tx, account, { by: askedBy, approvedBy });
        return { detail: { makes: "administrator", opened: true } };
      }
      const { detail } = await giveRole(tx, account, {
        role: "administrator",
        team: null,
        customersTo: input.customersTo,
        by: askedBy,
        approvedBy,
        reason,
      });
      return { detail: { makes: "administrator", ...detail } };
    }
    await takeInvitationTurn(tx);
    const data = { ...input, role: "administrator" as const, teamId: null, approvedBy: approvedBy.id };
    const { id, email, link } = await sendInvitation(tx, askedBy, data);
    const links = link ? [{ label: `The invitation of ${email}`, url: link }] : [];
    return { detail: { makes: "administrator", invitation: id, email }, links };
  },
};

async function colleagueWords(
  read: Reader,
  { personId, customersTo }: z.infer<typeof colleague>,
): Promise<Prompt | null> {
  const account = await readAccount(read, personId);
  if (!account || !canBeMade(account)) return null;
  const to = customersTo ? await readColleague(read, customersTo) : null;
  if (customersTo && !to) return null;
  const leaving = await countLeaving(read, personId, null, to);
  return {
    purpose: `to make ${account.name} an administrator`,
    verb: "Make administrator",
    changes: [
      { label: "Account", from: null, to: account.email },
      account.role === "administrator"
        ? { label: "Administrator's account", from: "disabled", to: "enabled" }
        : { label: "Role", from: roleWords[account.role], to: roleWords.administrator },
      ...customersWords(account.name, leaving, to?.name ?? null),
    ],
  };
}

/** A colleague with an open account, or an administrator whose account an administrator disabled. */
function canBeMade(account: Account): boolean {
  if (account.role !== "administrator") return !account.disabled;
  return account.disabled && account.closedBy !== "owner";
}

async function newcomerWords(
  read: Reader,
  { name, email }: z.infer<typeof newcomer>,
): Promise<Prompt | null> {
  const [account] = await read.select({ id: people.id }).from(people).where(eq(people.email, email));
  if (account || (await isInvited(read, email))) return null;
  return {
    purpose: `to invite ${name} as an administrator`,
    verb: "Invite",
    changes: [
      { label: "Email", from: null, to: email },
      { label: "Role", from: null, to: roleWords.administrator },
    ],
  };
}
