import type { ActionName } from "@/lib/protected-actions";
import type { FactorName } from "@/lib/step-up/facts";
import type { SignInMode } from "./document";

/**
 * What administrators set rules for, in their words and in the order of the table. Signing out and the like ask for no
 * proof; what this version doesn't offer yet has no words, and no row (words.test.ts compares with the commands).
 */
export const actionLabels: Partial<Record<ActionName, string>> = {
  "contract.view": "View a contract",
  "customer.edit": "Edit a customer",
  "customer.create": "Create a customer",
  "customer.change-bank-details": "Change bank details",
  "customer.download-receipt": "Download a receipt",
  "session.finish-sign-in": "Confirm a sign-in",
  "security.enrol-first-factor": "Set up the first second factor",
  "security.enrol-factor": "Add an authenticator",
  "security.rename-factor": "Rename an authenticator",
  "security.remove-factor": "Remove an authenticator",
  "security.generate-recovery-codes": "Get new recovery codes",
  "security.change-password": "Change the password",
  "security.change-email": "Change the email address",
  "security.end-sessions": "Sign out other sessions",
  "admin.change-policy": "Change the policy",
  "admin.change-factors": "Switch factors on and off",
  "admin.try-factor": "Try a factor with a message",
  "admin.invite": "Invite a colleague",
  "admin.change-role": "Change a role or team",
  "admin.disable-user": "Disable or enable an account",
  "admin.answer-help": "Answer a request for help",
  "admin.export-audit": "Export the audit log",
  "admin.reset-factors": "Reset somebody's factors",
  "admin.approve": "Decide an approval",
};

export const factorLabels: Record<FactorName, string> = {
  password: "Password",
  totp: "Authenticator app",
  passkey: "Passkey",
  "recovery-code": "Recovery code",
  "email-code": "Code by mail",
  "sms-code": "Code by text message",
};

export const signInLabels: Record<SignInMode, string> = {
  never: "Never: only at sensitive work",
  "when-risky": "When something is unusual",
  always: "At every sign-in",
};

export function labelOf(action: ActionName): string {
  return actionLabels[action] ?? action;
}

/** 900 → "15 minutes". */
export function ageLabel(seconds: number): string {
  if (seconds < 120) return seconds === 60 ? "1 minute" : `${seconds} seconds`;
  return `${Math.round(seconds / 60)} minutes`;
}

/** "a, b and c"; "nothing" for none. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? "nothing";
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
