import { actionInWords } from "@/lib/audit/action-words";
import type { ActionName } from "@/lib/protected-actions";
import type { SignInMode } from "./document";

/**
 * What administrators set rules for, in the order of the table. Signing out and the like ask for no proof, and what this
 * version doesn't offer yet has no row (words.test.ts compares with the commands).
 */
export const ruledActions = [
  "contract.view",
  "customer.edit",
  "customer.create",
  "customer.change-bank-details",
  "customer.download-receipt",
  "session.finish-sign-in",
  "security.enrol-first-factor",
  "security.enrol-factor",
  "security.rename-factor",
  "security.remove-factor",
  "security.generate-recovery-codes",
  "security.change-password",
  "security.change-email",
  "security.end-sessions",
  "admin.change-policy",
  "admin.change-factors",
  "admin.try-factor",
  "admin.confirm-trial",
  "admin.invite",
  "admin.change-role",
  "admin.disable-user",
  "admin.answer-help",
  "admin.export-audit",
  "admin.download-receipt",
  "admin.reset-factors",
  "admin.approve",
] as const satisfies readonly ActionName[];

export const signInLabels: Record<SignInMode, string> = {
  never: "Never: only at sensitive work",
  "when-risky": "When something is unusual",
  always: "At every sign-in",
};

/** "Edit a customer". */
export function labelOf(action: ActionName): string {
  const words = actionInWords(action);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** 900 → "15 minutes", 200 → "3 minutes 20 seconds": exactly, or two ages would read alike. */
export function ageLabel(seconds: number): string {
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  const parts = [minutes > 0 && counted(minutes, "minute"), rest > 0 && counted(rest, "second")];
  return parts.filter(Boolean).join(" ") || "0 seconds";
}

/** How long somebody has to set up a second factor. */
export function graceLabel(days: number): string {
  return days === 0 ? "at once" : `within ${counted(days, "day")}`;
}

/** 1 → "1 person", 2 → "2 people". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** "a, b and c"; "nothing" for none. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? "nothing";
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
