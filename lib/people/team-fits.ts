import type { z } from "zod";
import type { Role } from "@/db/schema/people";

/** Whether a role has a team: a refinement that says so at the field. */
export function teamFits({ role, team }: { role: Role; team: string }, context: z.RefinementCtx): void {
  const issue = (message: string) => context.addIssue({ code: "custom", path: ["team"], message });
  if (role === "employee" && !team) issue("Enter a team: employees work on its customers.");
  if ((role === "administrator" || role === "auditor") && team)
    issue("Administrators and auditors belong to no team: leave it empty.");
}
