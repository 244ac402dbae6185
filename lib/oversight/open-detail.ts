/** Of a row about a customer, what may be told: how it was done, and why not. */
const ofCustomers = new Set([
  "reason",
  "reference",
  "by",
  "step",
  "event",
  "note",
  "number",
  "keys",
  "confirmedInMs",
]);

/**
 * The members of a row that lie open to administrators and auditors, who see no customer data: where a row is about a
 * customer or a contract, none that could tell of it. Seeded history has such members unsealed (docs/decisions/016).
 */
export function openDetail(row: { recordType: string | null; detail: unknown }): Record<string, unknown> {
  if (typeof row.detail !== "object" || row.detail === null) return {};
  const isOfCustomer = row.recordType === "customer" || row.recordType === "contract";
  const entries = Object.entries(row.detail).filter(([name]) => !isOfCustomer || ofCustomers.has(name));
  return Object.fromEntries(entries.filter(([name]) => name !== "assertion" && name !== "credential"));
}
