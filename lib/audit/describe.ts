import type { AuditAction } from "./events";
import type { ActivityEvent } from "./read";

/** What confirmed an act. */
export const factorWords: Record<string, string> = {
  totp: "an authenticator app",
  passkey: "a passkey",
  password: "the password",
  "recovery-code": "a recovery code",
  "email-code": "a code by mail",
  "sms-code": "a code by text message",
};

/**
 * What each act is called in a sentence: "Theo Brandt edited …", "… tried to edit …". The record is exhaustive: an act
 * that the log can tell of and that has no words does not compile.
 */
const actWords: Record<AuditAction, { did: string; todo: string }> = {
  "customer.edit": { did: "edited the company", todo: "edit the company" },
  "customer.create": { did: "created the customer", todo: "create the customer" },
  "customer.archive": { did: "archived the customer", todo: "archive the customer" },
  "customer.change-bank-details": { did: "changed the bank details", todo: "change the bank details" },
  "customer.export": { did: "exported customers", todo: "export customers" },
  "customer.import": { did: "imported customers", todo: "import customers" },
  "customer.download-receipt": { did: "downloaded a receipt", todo: "download a receipt" },
  "contract.view": { did: "opened {contract}", todo: "open {contract}" },
  "contract.edit": { did: "edited {contract}", todo: "edit {contract}" },
  "contract.download": { did: "downloaded {contract}", todo: "download {contract}" },
  "security.enrol-first-factor": {
    did: "began to set up the first second factor",
    todo: "set up the first second factor",
  },
  "security.enrol-factor": { did: "began to add an authenticator", todo: "add an authenticator" },
  "security.send-enrolment-code": {
    did: "had a code sent to verify an address or number",
    todo: "have a code sent to verify an address or number",
  },
  "security.activate-factor": { did: "activated an authenticator", todo: "activate an authenticator" },
  "security.confirm-mailed-code": {
    did: "gave the mailed code of a set-up",
    todo: "give the mailed code of a set-up",
  },
  "security.ask-for-help": {
    did: "asked the administrators for help",
    todo: "ask the administrators for help",
  },
  "security.rename-factor": { did: "renamed an authenticator", todo: "rename an authenticator" },
  "security.remove-factor": { did: "removed an authenticator", todo: "remove an authenticator" },
  "security.generate-recovery-codes": { did: "made new recovery codes", todo: "make new recovery codes" },
  "security.change-password": { did: "changed their password", todo: "change their password" },
  "security.change-email": {
    did: "asked for another email address",
    todo: "change their email address",
  },
  "security.cancel-email-change": {
    did: "took back the change of their email address",
    todo: "take back the change of their email address",
  },
  "security.remove-trusted-devices": { did: "took trust from devices", todo: "take trust from devices" },
  "security.end-sessions": { did: "signed out their sessions", todo: "sign out their sessions" },
  "admin.preview-policy": { did: "looked at a draft of the policy", todo: "look at a draft of the policy" },
  "admin.change-policy": { did: "changed the policy", todo: "change the policy" },
  "admin.try-factor": { did: "tried a factor with a message", todo: "try a factor with a message" },
  "admin.change-factors": { did: "changed which factors are on", todo: "change which factors are on" },
  "admin.export-audit": { did: "exported the audit log", todo: "export the audit log" },
  "admin.create": {
    did: "made the first administrator's link",
    todo: "make the first administrator's link",
  },
  "admin.recover": {
    did: "made a recovery link for an administrator",
    todo: "make a recovery link for an administrator",
  },
  "session.sign-in": { did: "signed in", todo: "sign in" },
  "session.sign-in-again": { did: "signed in again in the dialog", todo: "sign in again in the dialog" },
  "session.finish-sign-in": {
    did: "confirmed the sign-in with a second factor",
    todo: "confirm the sign-in with a second factor",
  },
  "session.send-code": { did: "had a code sent", todo: "have a code sent" },
  "session.lock": { did: "locked the session", todo: "lock the session" },
  "session.sign-out": { did: "signed out", todo: "sign out" },
  "session.cancel-prompt": { did: "gave up a prompt", todo: "give up a prompt" },
  "reset.request": { did: "asked for a password reset by mail", todo: "ask for a password reset by mail" },
  "reset.complete": {
    did: "reset the password by a mailed link",
    todo: "reset the password by a mailed link",
  },
  "audit.erase": {
    did: "erased what the log told of this customer",
    todo: "erase what the log tells of this customer",
  },
  "admin.invite": { did: "invited a colleague", todo: "invite a colleague" },
  "admin.change-role": {
    did: "changed somebody's role or team, or asked for it",
    todo: "change somebody's role or team",
  },
  "admin.disable-user": {
    did: "disabled or enabled an account, or signed it out",
    todo: "disable, enable or sign out an account",
  },
  "admin.reset-factors": {
    did: "asked for a reset of somebody's second factors",
    todo: "ask for a reset of somebody's second factors",
  },
  "admin.approve": { did: "decided a colleague's request", todo: "decide a colleague's request" },
  "admin.answer-help": { did: "closed a request for help", todo: "close a request for help" },
  "security.enrol-after-reset": {
    did: "began to set up a new second factor after a reset",
    todo: "set up a new second factor after a reset",
  },
  "link.not-me": { did: "reported “This wasn't me”", todo: "report “This wasn't me”" },
  "link.look-at-not-me": { did: "opened a notice's link", todo: "open a notice's link" },
  "link.confirm-email": {
    did: "confirmed a change of email address",
    todo: "confirm a change of email address",
  },
  "link.look-at-set-up": { did: "opened the link of a reset", todo: "open the link of a reset" },
  "link.look-at-invitation": { did: "opened an invitation's link", todo: "open an invitation's link" },
  "link.accept-invitation": { did: "accepted an invitation", todo: "accept an invitation" },
};

/** Every act that the log can tell of, with its words: "edit the company". */
export const auditActionWords: readonly { action: AuditAction; words: string }[] = (
  Object.keys(actWords) as AuditAction[]
).map((action) => ({ action, words: actWords[action].todo.replace("{contract}", "a contract") }));

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
      return `${who} ${words.did}${noteOf(event)}${changesOf(event)}${by}.`;
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
  const { did, todo } = isKnown(action) ? actWords[action] : { did: action, todo: action };
  return { did: did.replace("{contract}", () => contract), todo: todo.replace("{contract}", () => contract) };
}

/** A row may be older or newer than this version of the app. */
function isKnown(action: string): action is AuditAction {
  return Object.hasOwn(actWords, action);
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
      return `: ${rows} ${rows === 1 ? "row" : "rows"} ${step === "sent" ? "went out" : "unlocked"} as ${String(format).toUpperCase()}`;
    default:
      return "";
  }
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
