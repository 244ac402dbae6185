import type { Role } from "@/db/schema/people";

export type Destination = { href: string; label: string };

const customers: Destination[] = [{ href: "/customers", label: "Customers" }];
const overview: Destination = { href: "/admin/overview", label: "Overview" };
const audit: Destination = { href: "/admin/audit", label: "Audit" };

/** Where each role's work is, its first page first. */
export const destinations: Record<Role, readonly Destination[]> = {
  employee: customers,
  manager: customers,
  auditor: [audit, overview],
  administrator: [
    { href: "/admin/users", label: "People" },
    { href: "/admin/factors", label: "Factors" },
    { href: "/admin/policy", label: "Policy" },
    overview,
    audit,
  ],
};
