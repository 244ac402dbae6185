import type { z } from "zod";
import type { Reader, Tx } from "@/db/client";
import type { AuthenticatorFact, FactorName } from "../facts";

/** Whom a factor verifies, and with which of their authenticators. */
export type Subject = {
  userId: string;
  sessionId: string;
  /** Only those that may answer here: removed, suspended and, where refused, on-probation ones are left out. */
  authenticators: AuthenticatorFact[];
  /** The database's clock. */
  now: Date;
};

/** An opened challenge, as factors see it. */
export type ChallengeFacts = {
  /** 32 unpredictable bytes. */
  nonce: Buffer;
  /** SHA-256 (hex) over the canonical form of what is confirmed. */
  digest: string;
  /** WebAuthn's challenge = SHA-256(label ‖ nonce ‖ digest): a passkey signs what is confirmed. */
  webauthnChallenge: Buffer;
};

/** Why an answer was not accepted. `used` and `wrong` are the person's; the rest are told in general words. */
export type RejectionReason =
  | "wrong"
  | "used"
  | "malformed"
  | "unknown-authenticator"
  | "not-verified"
  | "counter-went-back"
  | "unavailable";

export type Verdict =
  | { accepted: true; authenticatorId: string | null; receipt?: Record<string, string> }
  | { accepted: false; reason: RejectionReason; retryAfterSeconds?: number; audit?: string };

/**
 * One kind of proof. Every factor has this shape, passes the same contract test (factor-contract.ts), and is
 * reached through the registry only.
 */
export interface Factor<Answer = unknown, Options = unknown> {
  readonly name: FactorName;
  /** Which budget a wrong answer draws on; null where nothing can be guessed (threats.md 10). */
  readonly budget: "codes" | "recovery" | "password" | null;
  /** Strict shape of the browser's answer; anything else is refused as malformed. */
  readonly answer: z.ZodType<Answer>;
  /** What the browser needs to ask this user now; null when the user cannot answer with this factor. */
  prepare(read: Reader, subject: Subject, challenge: ChallengeFacts): Promise<Options | null>;
  /**
   * Verifies one answer and spends what it must (code, step, counter) inside `tx`. Never throws for bad input:
   * whatever is wrong with an answer is a typed refusal.
   */
  verify(tx: Tx, subject: Subject, challenge: ChallengeFacts, answer: Answer): Promise<Verdict>;
}
