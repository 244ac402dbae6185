import { and, eq } from "drizzle-orm";
import type { Reader, Tx } from "@/db/client";
import { type closers, people, type Role, teams } from "@/db/schema/people";
import { environment } from "@/lib/platform/env";
import { Invalid } from "@/lib/step-up/refusal";

/** An account as an administrator's act needs it. */
export type Account = {
  id: string;
  name: string;
  email: string;
  role: Role;
  team: { id: string; name: string } | null;
  version: number;
  disabled: boolean;
  /** Who disabled it; null where it is open. */
  closedBy: (typeof closers)[number] | null;
  /** The owner said "This wasn't me": the password opens nothing until a reset. */
  passwordLocked: boolean;
};

/** An account of this installation, disabled ones too. Demo accounts are none where demo mode is off. */
export async function readAccount(read: Reader, id: string): Promise<Account | null> {
  const [row] = await read
    .select({
      id: people.id,
      name: people.name,
      email: people.email,
      role: people.role,
      team: { id: teams.id, name: teams.name },
      version: people.version,
      disabledAt: people.disabledAt,
      closedBy: people.closedBy,
      passwordLockedAt: people.passwordLockedAt,
    })
    .from(people)
    .leftJoin(teams, eq(teams.id, people.teamId))
    .where(and(eq(people.id, id), environment().demo ? undefined : eq(people.isDemo, false)));
  if (!row) return null;
  const { disabledAt, passwordLockedAt, ...account } = row;
  return { ...account, disabled: disabledAt !== null, passwordLocked: passwordLockedAt !== null };
}

/** The same, locked until the transaction ends. Throws Invalid where it is gone. */
export async function lockAccount(tx: Tx, id: string): Promise<Account> {
  await tx.select({ id: people.id }).from(people).where(eq(people.id, id)).for("update");
  const account = await readAccount(tx, id);
  if (!account) throw new Invalid({}, "This account is no longer there.");
  return account;
}

/** The same. Throws Invalid where it is no longer as it was seen. */
export async function requireUnchanged(tx: Tx, seen: Account): Promise<void> {
  if (JSON.stringify(await lockAccount(tx, seen.id)) !== JSON.stringify(seen)) throw accountChanged();
}

export function accountChanged(): Invalid {
  return new Invalid({}, "This account was changed in the meantime. Reload the page.");
}
