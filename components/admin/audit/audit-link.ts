import type { AuditFilter } from "@/lib/oversight/filter";

/** The address of a page of the log, or of one row, that keeps the filter; members that ask for nothing are left out. */
export function auditLink(
  filter: Partial<AuditFilter>,
  { row, ...place }: { row?: string; after?: string | null; before?: string | null } = {},
): string {
  const path = row ? `/admin/audit/${row}` : "/admin/audit";
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filter, ...place })) if (value) parameters.set(name, value);
  return parameters.size > 0 ? `${path}?${parameters}` : path;
}
