import type { Reader } from "@/db/client";
import { type CustomersLeft, countLeaving, type Reached, readColleague } from "@/lib/customers/hand-over";
import type { PromptChange } from "@/lib/step-up/prompt";
import { Invalid } from "@/lib/step-up/refusal";
import { countInvitationsBy, type InvitationFate, type InvitationsLeft } from "./open-invitations";
import type { Account } from "./read-subject";

/** What a person leaves behind, and what becomes of it: named in the prompt before it is confirmed. */
export type Leaving = {
  customers: CustomersLeft;
  /** The colleague's name; null: there is none. */
  customersTo: string | null;
  invitations: InvitationsLeft;
};

/** `now`: what they may see from then on; null where they are not here any more. Throws Invalid for a wrong colleague. */
export async function readLeaving(
  read: Reader,
  account: Account,
  now: Reached | null,
  { customersTo, fate }: { customersTo: string | null; fate: InvitationFate },
): Promise<Leaving> {
  const to = customersTo && customersTo !== account.id ? await readColleague(read, customersTo) : null;
  if (customersTo && !to) throw new Invalid({ customersTo: "This colleague can't look after customers." });
  const administers = now?.role === "administrator";
  return {
    customers: await countLeaving(read, account.id, now, to),
    customersTo: to?.name ?? null,
    invitations: administers
      ? { handedOver: 0, takenBack: 0 }
      : await countInvitationsBy(read, account.id, fate),
  };
}

export function leavingWords({ name }: Account, left: Leaving): PromptChange[] {
  return [
    ...customersWords(name, left.customers, left.customersTo),
    ...invitationsWords(name, left.invitations),
  ];
}

/** What becomes of the invitations that they sent or approved. */
export function invitationsWords(name: string, left: InvitationsLeft): PromptChange[] {
  return fatesWords("Open invitations", name, [
    { count: left.handedOver, fate: "yours", share: "yours" },
    { count: left.takenBack, fate: "taken back", share: "taken back" },
  ]);
}

/** `to`: the colleague's name. Of other teams' customers they see nothing, so nobody looks after those. */
export function customersWords(name: string, left: CustomersLeft, to: string | null): PromptChange[] {
  return fatesWords("Customers", name, [
    { count: left.toColleague, fate: to ?? "nobody", share: `to ${to ?? "nobody"}` },
    { count: left.toNobody, fate: "nobody", share: "to nobody" },
  ]);
}

/** `fate`: what all become; `share`: the same after a number, where they become different things. */
function fatesWords(
  label: string,
  name: string,
  fates: { count: number; fate: string; share: string }[],
): PromptChange[] {
  const some = fates.filter(({ count }) => count > 0);
  const [first, ...rest] = some;
  if (!first) return [];
  const all = some.reduce((sum, { count }) => sum + count, 0);
  const to = rest.length === 0 ? first.fate : some.map(({ count, share }) => `${count} ${share}`).join(", ");
  return [{ label, from: `${all} of ${name}`, to }];
}
