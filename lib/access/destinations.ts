import type { Role } from "@/db/schema/people";

export type Destination = { href: string; label: string };

const customers: Destination[] = [{ href: "/customers", label: "Customers" }];
const audit: Destination[] = [{ href: "/admin/audit", label: "Audit" }];

/** Where each role's work is, its first page first. */
export const destinations: Record<Role, readonly Destination[]> = {
  employee: customers,
  manager: customers,
  auditor: audit,
  administrator: [
    { href: "/admin/users", label: "People" },
    { href: "/admin/factors", label: "Factors" },
    { href: "/admin/policy", label: "Policy" },
  ],
};
