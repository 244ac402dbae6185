import type { ActivityEvent } from "./read";

const factorWords: Record<string, string> = {
  totp: "an authenticator app",
  passkey: "a passkey",
  password: "the password",
  "recovery-code": "a recovery code",
};

/** What each act is called in a sentence: "Theo Brandt edited …", "… tried to edit …". */
const actWords: Record<string, { did: string; todo: string }> = {
  "customer.edit": { did: "edited the company", todo: "edit the company" },
  "customer.create": { did: "created the customer", todo: "create the customer" },
  "customer.archive": { did: "archived the customer", todo: "archive the customer" },
  "customer.change-bank-details": { did: "changed the bank details", todo: "change the bank details" },
  "contract.view": { did: "opened a contract", todo: "open a contract" },
  "contract.edit": { did: "edited a contract", todo: "edit a contract" },
  "contract.download": { did: "downloaded a contract", todo: "download a contract" },
};

const fieldWords: Record<string, string> = {
  name: "company name",
  email: "email",
  phone: "phone",
  street: "street",
  city: "city",
  postalCode: "postal code",
  country: "country",
  accountHolder: "account holder",
  iban: "IBAN",
};

/** One decision in a sentence, for people who read the record's history. */
export function describeEvent(event: Pick<ActivityEvent, "actorName" | "action" | "outcome" | "factor" | "detail">): string {
  const who = event.actorName ?? "Somebody";
  const words = actWords[event.action] ?? { did: event.action, todo: event.action };
  const by = event.factor ? `, confirmed with ${factorWords[event.factor] ?? event.factor}` : "";
  switch (event.outcome) {
    case "allowed": {
      if (isDetail(event.detail) && event.detail.step === "opened-form") return `${who} unlocked editing${by}.`;
      return `${who} ${words.did}${changesOf(event.detail)}${by}.`;
    }
    case "refused":
      return `${who} was refused to ${words.todo}${reasonOf(event.detail)}.`;
    case "cancelled":
      return `${who} began to ${words.todo} and cancelled.`;
    case "failed":
      return `${who} tried to ${words.todo}; it failed, and nothing was changed.`;
  }
}

function changesOf(detail: unknown): string {
  const changes = isDetail(detail) && Array.isArray(detail.changes) ? detail.changes.filter(isChange) : [];
  if (changes.length === 0) return "";
  const told = changes.map(({ field, from, to }) => `${fieldWords[field] ?? field} from ${quoted(from)} to ${quoted(to)}`);
  return `: ${told.join(", ")}`;
}

const reasonWords: Record<string, string> = {
  wrong: ": the proof was wrong",
  used: ": the code had been used",
  malformed: ": the proof was wrong",
  "too-many-tries": ": too many tries",
  conflict: ": somebody else had saved in between",
  access: ": it isn't theirs to see",
  requirement: ": their second factor can't confirm this",
};

function reasonOf(detail: unknown): string {
  return isDetail(detail) && typeof detail.reason === "string" ? (reasonWords[detail.reason] ?? "") : "";
}

function quoted(value: string): string {
  return value === "" ? "nothing" : `“${value}”`;
}

function isDetail(detail: unknown): detail is Record<string, unknown> {
  return typeof detail === "object" && detail !== null;
}

function isChange(change: unknown): change is { field: string; from: string; to: string } {
  return isDetail(change) && ["field", "from", "to"].every((member) => typeof change[member] === "string");
}
