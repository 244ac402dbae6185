import type { AuditAction } from "./events";

type ActionWords = {
  /** In the history of one record or account: "Theo Brandt edited the company". */
  did: string;
  /** "Theo Brandt tried to edit the company". */
  todo: string;
  /** Of any record: "edit a customer"; left out where it is the same as `todo`. */
  general?: string;
};

/** What each act is called. The record is exhaustive: an act that can be told of and has no words does not compile. */
const actionWords: Record<AuditAction, ActionWords> = {
  "customer.edit": { did: "edited the company", todo: "edit the company", general: "edit a customer" },
  "customer.create": {
    did: "created the customer",
    todo: "create the customer",
    general: "create a customer",
  },
  "customer.archive": {
    did: "archived the customer",
    todo: "archive the customer",
    general: "archive a customer",
  },
  "customer.change-bank-details": {
    did: "changed the bank details",
    todo: "change the bank details",
    general: "change bank details",
  },
  "customer.export": { did: "exported customers", todo: "export customers" },
  "customer.import": { did: "imported customers", todo: "import customers" },
  "customer.download-receipt": { did: "downloaded a receipt", todo: "download a receipt" },
  "contract.view": { did: "opened {contract}", todo: "open {contract}", general: "view a contract" },
  "contract.edit": { did: "edited {contract}", todo: "edit {contract}", general: "edit a contract" },
  "contract.download": {
    did: "downloaded {contract}",
    todo: "download {contract}",
    general: "download a contract",
  },
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
  "security.generate-recovery-codes": {
    did: "made new recovery codes",
    todo: "make new recovery codes",
    general: "get new recovery codes",
  },
  "security.change-password": {
    did: "changed their password",
    todo: "change their password",
    general: "change the password",
  },
  "security.change-email": {
    did: "asked for another email address",
    todo: "change their email address",
    general: "change the email address",
  },
  "security.cancel-email-change": {
    did: "took back the change of their email address",
    todo: "take back the change of their email address",
  },
  "security.remove-trusted-devices": {
    did: "removed trusted devices",
    todo: "remove trusted devices",
  },
  "security.end-sessions": {
    did: "signed out their sessions",
    todo: "sign out their sessions",
    general: "sign out other sessions",
  },
  "admin.preview-policy": { did: "looked at a draft of the policy", todo: "look at a draft of the policy" },
  "admin.change-policy": { did: "changed the policy", todo: "change the policy" },
  "admin.try-factor": { did: "tried a factor with a message", todo: "try a factor with a message" },
  "admin.confirm-trial": {
    did: "confirmed that a test message came",
    todo: "confirm that a test message came",
  },
  "admin.change-factors": {
    did: "changed which factors are on",
    todo: "change which factors are on",
    general: "switch factors on and off",
  },
  "admin.export-audit": { did: "exported the audit log", todo: "export the audit log" },
  "admin.download-receipt": {
    did: "downloaded a receipt from the log",
    todo: "download a receipt from the log",
  },
  "admin.create": {
    did: "made the first administrator's link",
    todo: "make the first administrator's link",
  },
  "admin.recover": {
    did: "made a recovery link for an administrator",
    todo: "make a recovery link for an administrator",
  },
  "admin.restore-policy": {
    did: "restored a version of the policy",
    todo: "restore a version of the policy",
  },
  "session.sign-in": { did: "signed in", todo: "sign in" },
  "session.sign-in-again": { did: "signed in again in the dialog", todo: "sign in again in the dialog" },
  "session.finish-sign-in": {
    did: "confirmed the sign-in with a second factor",
    todo: "confirm the sign-in with a second factor",
    general: "confirm a sign-in",
  },
  "sending.stopped": {
    did: "stopped sending text messages: the most for an hour had gone out",
    todo: "stop sending text messages",
  },
  "session.send-code": { did: "had a code sent", todo: "have a code sent" },
  "session.lock": { did: "locked the session", todo: "lock the session" },
  "session.sign-out": { did: "signed out", todo: "sign out" },
  "session.cancel-prompt": { did: "dismissed a prompt", todo: "dismiss a prompt" },
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
    general: "reset somebody's second factors",
  },
  "admin.approve": { did: "decided a colleague's request", todo: "decide a colleague's request" },
  "admin.end-request": {
    did: "closed a request that nobody decided",
    todo: "close a request that nobody decided",
  },
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
  Object.keys(actionWords) as AuditAction[]
).map((action) => ({ action, words: actionWords[action].todo.replace("{contract}", "a contract") }));

/** The words of an act that a row names: a row may be older or newer than this version of the app. */
export function wordsOfAction(action: string): ActionWords {
  return Object.hasOwn(actionWords, action)
    ? actionWords[action as AuditAction]
    : { did: action, todo: action };
}

/** What somebody does, or wanted to do, with no record in view: "edit a customer". */
export function actionInWords(action: string): string {
  const { todo, general = todo } = wordsOfAction(action);
  return general;
}
