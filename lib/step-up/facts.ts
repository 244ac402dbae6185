import type { enrolledFactors, FactorName } from "@/db/schema/step-up";

export type { FactorName };

/** Factors of which people have single things. */
export type EnrolledFactor = (typeof enrolledFactors)[number];

/**
 * Codes that are sent. They show who reads a mailbox or has a number, and no more: NIST SP 800-63B-4 restricts SMS
 * (§ 3.2.9) and takes mail for no out-of-band authenticator (§ 3.1.3.1). They unlock daily work where administrators
 * switched them on, and confirm nothing that needs a proof for exactly this (threats.md 20a).
 */
export const sentCodeFactors: readonly FactorName[] = ["sms-code", "email-code"];
/** What about a sign-in asks for a second factor. */
export type SignInRisk = "always" | "new-device" | "after-failures";

/** An enrolled authenticator as the guard's one query reads it; suspended and removed ones are in the list. */
export type AuthenticatorFact = {
  id: string;
  factor: EnrolledFactor;
  name: string;
  createdAt: Date;
  probationUntil: Date | null;
  suspendedAt: Date | null;
  /** A mailed reset made it void: it answers when something else has been proved (threats.md 20a). */
  voidSince?: Date | null;
  removedAt: Date | null;
};

/** This session proved this factor with this authenticator at this time. */
export type EvidenceFact = {
  id: string;
  factor: FactorName;
  authenticatorId: string | null;
  lockEpoch: number;
  provedAt: Date;
};

/** All that the layer knows of the caller, read at use from the database and never from the cookie. */
export type SessionFacts<Person = unknown> = {
  sessionId: string;
  userId: string;
  /** Fixed text in the prompt: whose account this is. */
  account: string;
  /** The app's own view of the person; the layer hands it to commands and does not look inside. */
  person: Person;
  lockEpoch: number;
  /** SHA-256 of the presented secret: rotation compares and sets it. */
  presentedHash: string;
  /** A predecessor's secret was presented: reads go on, the elevation is not theirs (ASVS 7.2.4). */
  presented: "current" | "predecessor";
  /** Whether the successor's cookie has ever come back: if not, the answer that set it may be lost. */
  successorSeen: boolean;
  /** This browser had signed in as this user before this session. */
  knownDevice: boolean;
  deviceHash: string | null;
  /** The factor that this user last proved on this device: offered first. */
  lastFactor: FactorName | null;
  authenticators: AuthenticatorFact[];
  evidence: EvidenceFact[];
  recoveryCodesLeft: number;
  /** Why this session, fresh from its sign-in, waits for a second factor; null or left out: it doesn't. */
  awaits?: readonly SignInRisk[] | null;
  policyVersion: number;
  /** The administrators' policy as stored: the policy port reads it. */
  policy: unknown;
  /** The database's clock at the read. */
  now: Date;
  expiresAt: Date;
};

/** Authenticators that can prove something now. */
export function usableAuthenticators(all: readonly AuthenticatorFact[]): AuthenticatorFact[] {
  return all.filter((one) => one.removedAt === null && one.suspendedAt === null && !one.voidSince);
}

/** Whether an authenticator, bound without an existing second factor, is still on probation. */
export function onProbation(one: AuthenticatorFact, now: Date): boolean {
  return one.probationUntil !== null && one.probationUntil.getTime() > now.getTime();
}
