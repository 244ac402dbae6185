import type { Role } from "@/db/schema/people";

export const roleWords: Record<Role, string> = {
  employee: "Employee",
  manager: "Manager",
  auditor: "Auditor",
  administrator: "Administrator",
};
