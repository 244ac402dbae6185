import { wordsOfFactor } from "@/lib/step-up/factor-words";
import { wordsOfAction } from "./action-words";
import type { ActivityEvent } from "./read";

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
  const who = event.actorName ?? nobodyWords(event.action);
  const words = wordsOf(event);
  const by = event.factor ? `, confirmed with ${wordsOfFactor(event.factor).one}` : "";
  switch (event.outcome) {
    case "allowed": {
      if (isDetail(event.detail) && event.detail.step === "opened-form")
        return `${who} unlocked editing${by}.`;
      return `${who} ${words.did}${noteOf(event)}${changesOf(event)}${by}.`;
    }
    case "refused":
      return `${who} was not allowed to ${words.todo}${reasonOf(event.detail)}${timesOf(event.repeats)}.`;
    case "cancelled":
      return `${who} began to ${words.todo} and cancelled.`;
    case "failed":
      return `${who} tried to ${words.todo}; it failed, and nothing was changed.`;
  }
}

/** Done by nobody who has an account: at the host, or by the app itself. */
function nobodyWords(action: string): string {
  if (action === "admin.end-request" || action === "sending.stopped") return "Keyturn";
  const atHost = ["admin.create", "admin.recover", "admin.restore-policy", "audit.erase"];
  return atHost.includes(action) ? "The operator" : "Somebody";
}

function wordsOf({ action, contractTitle }: Told): { did: string; todo: string } {
  const contract = contractTitle ? `the contract “${contractTitle}”` : "a contract";
  const { did, todo } = wordsOfAction(action);
  return { did: did.replace("{contract}", () => contract), todo: todo.replace("{contract}", () => contract) };
}

/** What a row's open members add to its sentence; nothing in them tells of a customer. */
function noteOf({ action, detail }: Told): string {
  if (!isDetail(detail)) return "";
  const { step, email, from, to, name, rows, format } = detail;
  switch (action) {
    case "admin.invite":
      return email ? `: ${email}, ${step === "sent-again" ? "sent again" : step}` : "";
    case "admin.create":
    case "admin.recover":
      return email ? ` (${email})` : "";
    case "security.rename-factor":
      return from && to ? ` from “${from}” to “${to}”` : "";
    case "security.remove-factor":
      return name ? ` (“${name}”)` : "";
    case "admin.export-audit":
      return `: ${exportWords({ step, rows, format })}`;
    default:
      return "";
  }
}

/** Rows of before counted them when the export was unlocked, too. */
function exportWords({ step, rows, format }: Record<string, unknown>): string {
  const as = format === "sealed" ? "the sealed log" : String(format).toUpperCase();
  const counted = rows === undefined ? "" : `${rows} ${rows === 1 ? "row" : "rows"} `;
  return `${counted}${step === "sent" ? "went out" : "unlocked"} as ${as}`;
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
