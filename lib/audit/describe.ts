import type { ActivityEvent } from "./read";

const factorWords: Record<string, string> = {
  totp: "an authenticator app",
  passkey: "a passkey",
  password: "the password",
  "recovery-code": "a recovery code",
  "email-code": "a code by mail",
  "sms-code": "a code by text message",
};

/** What each act is called in a sentence: "Theo Brandt edited …", "… tried to edit …". */
const actWords: Record<string, { did: string; todo: string }> = {
  "customer.edit": { did: "edited the company", todo: "edit the company" },
  "customer.create": { did: "created the customer", todo: "create the customer" },
  "customer.archive": { did: "archived the customer", todo: "archive the customer" },
  "customer.change-bank-details": { did: "changed the bank details", todo: "change the bank details" },
  "customer.download-receipt": { did: "downloaded a receipt", todo: "download a receipt" },
  "contract.view": { did: "opened {contract}", todo: "open {contract}" },
  "contract.edit": { did: "edited {contract}", todo: "edit {contract}" },
  "contract.download": { did: "downloaded {contract}", todo: "download {contract}" },
  "reset.request": { did: "asked for a password reset by mail", todo: "ask for a password reset by mail" },
  "reset.complete": {
    did: "reset the password by a mailed link",
    todo: "reset the password by a mailed link",
  },
  "audit.erase": {
    did: "erased what the log told of this customer",
    todo: "erase what the log tells of this customer",
  },
  "link.not-me": { did: "reported “This wasn't me”", todo: "report “This wasn't me”" },
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

type Told = Pick<ActivityEvent, "actorName" | "action" | "outcome" | "factor" | "detail"> &
  Partial<Pick<ActivityEvent, "contractTitle" | "repeats" | "changes" | "isErased">>;

/** One decision in a sentence, for people who read the record's history. */
export function describeEvent(event: Told): string {
  const who = event.actorName ?? (isHostAction(event.action) ? "The operator" : "Somebody");
  const words = wordsOf(event);
  const by = event.factor ? `, confirmed with ${factorWords[event.factor] ?? event.factor}` : "";
  switch (event.outcome) {
    case "allowed": {
      if (isDetail(event.detail) && event.detail.step === "opened-form")
        return `${who} unlocked editing${by}.`;
      return `${who} ${words.did}${changesOf(event)}${by}.`;
    }
    case "refused":
      return `${who} was refused to ${words.todo}${reasonOf(event.detail)}${timesOf(event.repeats)}.`;
    case "cancelled":
      return `${who} began to ${words.todo} and cancelled.`;
    case "failed":
      return `${who} tried to ${words.todo}; it failed, and nothing was changed.`;
  }
}

/** Done at the host, by nobody who has an account. */
function isHostAction(action: string): boolean {
  return ["admin.create", "admin.recover", "audit.erase"].includes(action);
}

function wordsOf({ action, contractTitle }: Told): { did: string; todo: string } {
  const contract = contractTitle ? `the contract “${contractTitle}”` : "a contract";
  const { did, todo } =
    Object.hasOwn(actWords, action) && actWords[action] ? actWords[action] : { did: action, todo: action };
  return { did: did.replace("{contract}", () => contract), todo: todo.replace("{contract}", () => contract) };
}

function timesOf(repeats = 1): string {
  return repeats > 1 ? `, ${repeats} times within a minute` : "";
}

function changesOf({ changes = [], isErased = false }: Told): string {
  if (isErased) return " (the details have been erased)";
  if (changes.length === 0) return "";
  const told = changes.map(
    ({ field, from, to }) => `${fieldWords[field] ?? field} from ${quoted(from)} to ${quoted(to)}`,
  );
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
  return value === "" ? "nothing" : `“${masked(value)}”`;
}

/** Rows hold masked IBANs; should one ever hold more, no page tells it. */
function masked(value: string): string {
  const plain = value.replace(/\s/g, "");
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(plain)) return value;
  return plain.slice(0, 2) + "•".repeat(plain.length - 6) + plain.slice(-4);
}

function isDetail(detail: unknown): detail is Record<string, unknown> {
  return typeof detail === "object" && detail !== null;
}
