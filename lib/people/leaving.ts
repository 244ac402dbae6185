import type { Reader } from "@/db/client";
import { countLeaving, type Reached, readColleague } from "@/lib/customers/hand-over";
import type { PromptChange } from "@/lib/step-up/prompt";
import { Invalid } from "@/lib/step-up/refusal";
import { countInvitationsBy, type InvitationFate } from "./open-invitations";
import type { Account } from "./read-subject";

/** What a person leaves behind, and to whom: named in the prompt before it is confirmed. */
export type Leaving = { customers: number; customersTo: string | null; invitations: number };

/** `now`: what they may see from then on; null where they are not here any more. Throws Invalid for a wrong colleague. */
export async function readLeaving(
  read: Reader,
  account: Account,
  now: Reached | null,
  customersTo: string | null,
): Promise<Leaving> {
  const to = customersTo && customersTo !== account.id ? await readColleague(read, customersTo) : null;
  if (customersTo && !to) throw new Invalid({ customersTo: "This colleague can't look after customers." });
  const administers = now?.role === "administrator";
  return {
    customers: await countLeaving(read, account.id, now),
    customersTo: to?.name ?? null,
    invitations: administers ? 0 : await countInvitationsBy(read, account.id),
  };
}

const fateWords: Record<InvitationFate, string> = { "hand-over": "yours", "take-back": "taken back" };

export function leavingWords(
  { name }: Account,
  { customers, customersTo, invitations }: Leaving,
  fate: InvitationFate,
): PromptChange[] {
  return [
    ...(customers > 0
      ? [{ label: "Customers", from: `${customers} of ${name}`, to: customersTo ?? "nobody" }]
      : []),
    ...(invitations > 0
      ? [{ label: "Open invitations", from: `${invitations} of ${name}`, to: fateWords[fate] }]
      : []),
  ];
}
