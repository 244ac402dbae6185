import { Badge, type Tone } from "@/components/ui/notice";
import type { ContractStatus, CustomerStatus } from "@/db/schema/customers";

export const statusWords: Record<CustomerStatus, string> = {
  prospect: "Prospect",
  active: "Active",
  paused: "Paused",
  archived: "Archived",
};

const tones: Record<CustomerStatus | ContractStatus, Tone | undefined> = {
  prospect: "info",
  active: "open",
  paused: "warn",
  archived: undefined,
  draft: "info",
  expired: "warn",
  terminated: undefined,
};

/** Where a customer or a contract stands. */
export function Status({ status }: { status: CustomerStatus | ContractStatus }) {
  return <Badge tone={tones[status]}>{status.charAt(0).toUpperCase() + status.slice(1)}</Badge>;
}
