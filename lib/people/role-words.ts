import type { Role } from "@/db/schema/people";

export { roles } from "@/db/schema/people";

/** What each role is called in prompts and mails. */
export const roleWords: Record<Role, string> = {
  employee: "Employee",
  manager: "Manager",
  auditor: "Auditor",
  administrator: "Administrator",
};
