import type { Role } from "@/db/schema/people";
import { sentCodeFactors } from "@/lib/step-up/facts";
import type { Requirement } from "@/lib/step-up/requirement";
import { signedIn } from "@/lib/step-up/requirement";

/** Sensitive daily work: any second factor proved in this session within the last 15 minutes. */
const unlocked: Requirement = {
  asks: "proof",
  factors: ["passkey", "totp"],
  choose: "any",
  whenNone: [],
  also: [],
  binding: "session",
  maxAgeSeconds: 900,
  probation: "accepted",
};

/** The same by whatever second factor administrators switched on: codes that are sent, too (docs/decisions/017). */
const daily: Requirement = { ...unlocked, factors: [...unlocked.factors, ...sentCodeFactors] };

/** A proof for exactly this input, by an authenticator that an existing second factor vouched for. */
const confirmed: Requirement = { ...unlocked, binding: "input", maxAgeSeconds: 0, probation: "refused" };

/** The account's own security: no weaker than its strongest factor (threats.md 18), and nothing on probation. */
const ownSecurity: Requirement = { ...confirmed, choose: "strongest-settled", whenNone: ["password"] };

/** Binding one more: open to probation, which what is bound then shares (docs/decisions/005, 013). */
const enrolment: Requirement = { ...confirmed, choose: "strongest", probation: "accepted" };

/** Once an administrator had a passkey, a code never suffices again (threats.md 20). */
const administrative: Requirement = { ...confirmed, choose: "strongest-ever" };

/**
 * The floor of every protected action. Policy may tighten a row, never go below it. The record is exhaustive: an
 * action without a row does not compile.
 */
export const protectedActions = {
  "customer.edit": daily,
  "customer.create": daily,
  "customer.archive": daily,
  "customer.change-bank-details": confirmed,
  "customer.export": confirmed,
  "customer.import": confirmed,
  /** A receipt tells guarded values. */
  "customer.download-receipt": unlocked,
  "contract.view": daily,
  "contract.download": daily,
  "contract.edit": daily,
  "security.enrol-first-factor": { ...enrolment, factors: [], whenNone: ["password"] },
  "security.enrol-factor": { ...enrolment, also: ["recovery-code"] },
  /** The link that a reset sent is the proof, together with the password that the session began with. */
  "security.enrol-after-reset": signedIn,
  "security.activate-factor": signedIn,
  "security.confirm-mailed-code": signedIn,
  "security.send-enrolment-code": signedIn,
  "security.ask-for-help": signedIn,
  "security.rename-factor": { ...unlocked, whenNone: ["password"] },
  "security.remove-factor": { ...ownSecurity, whenNone: [] },
  "security.generate-recovery-codes": ownSecurity,
  "security.change-password": ownSecurity,
  "security.change-email": ownSecurity,
  "security.cancel-email-change": signedIn,
  "security.end-sessions": { ...unlocked, whenNone: ["password"] },
  /** Taking trust away opens nothing. */
  "security.remove-trusted-devices": signedIn,
  "admin.preview-policy": signedIn,
  "admin.change-policy": administrative,
  "admin.try-factor": administrative,
  /** Ends what a proof for exactly that message began, with the code that it brought. */
  "admin.confirm-trial": { ...administrative, binding: "session", maxAgeSeconds: 900 },
  "admin.change-factors": administrative,
  "admin.invite": administrative,
  "admin.change-role": administrative,
  "admin.disable-user": administrative,
  "admin.reset-factors": administrative,
  "admin.approve": administrative,
  "admin.answer-help": administrative,
  "admin.export-audit": administrative,
  /** It tells what somebody confirmed; the file is fetched from its own address, under a proof of the session. */
  "admin.download-receipt": { ...administrative, binding: "session", maxAgeSeconds: 900 },
  /**
   * What daily work accepts: a code that is sent opens no more here than it does there, and confirms no exact input. By a
   * proof of this minute, whatever it was for: so it opens the session and no more. To trust the device takes one that
   * was given for that (lib/security/finish-sign-in.ts). A recovery code pays for an enrolment alone.
   */
  "session.finish-sign-in": { ...daily, maxAgeSeconds: 60 },
  "session.lock": signedIn,
  "session.sign-out": signedIn,
  "session.cancel-prompt": signedIn,
  "session.send-code": signedIn,
} as const satisfies Record<string, Requirement>;

export type ActionName = keyof typeof protectedActions;

/** Those that a proof confirms for exactly their input, whatever the policy says: each of them gives a receipt. */
export const confirmedActions = (Object.keys(protectedActions) as ActionName[]).filter(
  (name) => (protectedActions[name] as Requirement).binding === "input",
);

/**
 * The floor for this person. An administrator's own account, and an auditor's, asks for the strongest that they ever had: with a code
 * they could else bind the passkey that administers, after theirs was suspended or removed (threats.md 20).
 */
export function floorOf(name: ActionName, { role }: { role: Role }): Requirement {
  const floor: Requirement = protectedActions[name];
  const administers = role === "administrator" || role === "auditor";
  // No work of theirs takes a code that is sent, and neither does their sign-in.
  if (administers && name === "session.finish-sign-in") return { ...floor, factors: unlocked.factors };
  const guards = administers && name.startsWith("security.") && floor.choose !== "any";
  return guards ? { ...floor, choose: "strongest-ever" } : floor;
}
