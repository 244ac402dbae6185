import type { ActionName } from "@/lib/protected-actions";

const actionWords: Partial<Record<ActionName, string>> = {
  "customer.edit": "edit a customer",
  "customer.create": "create a customer",
  "customer.archive": "archive a customer",
  "customer.change-bank-details": "change bank details",
  "customer.export": "export customers",
  "customer.import": "import customers",
  "customer.download-receipt": "download a receipt",
  "contract.view": "view a contract",
  "contract.download": "download a contract",
  "contract.edit": "edit a contract",
  "security.enrol-first-factor": "set up a second factor",
  "security.enrol-factor": "add an authenticator",
  "security.rename-factor": "rename an authenticator",
  "security.remove-factor": "remove an authenticator",
  "security.generate-recovery-codes": "get new recovery codes",
  "security.change-password": "change the password",
  "security.change-email": "change the email address",
  "security.end-sessions": "sign out other sessions",
  "security.enrol-after-reset": "set up a new second factor",
  "admin.invite": "invite a colleague",
  "admin.change-role": "change somebody's role or team",
  "admin.disable-user": "disable or enable an account",
  "admin.reset-factors": "reset somebody's second factors",
  "admin.approve": "decide a colleague's request",
  "admin.answer-help": "close a request for help",
};

/** What somebody wanted to do, by the action's name. */
export function actionInWords(action: string): string {
  return (actionWords as Partial<Record<string, string>>)[action] ?? action;
}
