import type { Role } from "@/db/schema/people";
import type { ActionName } from "@/lib/protected-actions";

/** What each role's work consists of: protected actions by the beginning of their names. */
const work: Record<Role, readonly string[]> = {
  employee: ["customer.", "contract."],
  manager: ["customer.", "contract."],
  auditor: ["admin.export-audit", "admin.download-receipt"],
  administrator: ["admin."],
};

/** What everybody does with their own account, whatever their work is. */
const own = ["security.", "session."];

/** Whether an action is part of a role's work. Which records it may be done with is access.ts's to say. */
export function isWorkOf(role: Role, action: ActionName): boolean {
  return work[role].some((beginning) => action.startsWith(beginning));
}

/** Whether this role can ever come to an action, its own account's included. */
export function comesTo(role: Role, action: ActionName): boolean {
  return isWorkOf(role, action) || own.some((beginning) => action.startsWith(beginning));
}
