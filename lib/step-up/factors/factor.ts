import type { z } from "zod";
import type { Reader, Tx } from "@/db/client";
import type { Signed } from "@/db/schema/step-up";
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
  /** The session's at the opening: "Lock now" voids what was sent before, too. */
  lockEpoch: number;
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

/** `audit`: a note for the log, never shown. `broken`: something of ours is, whatever the person answered. */
export type Verdict =
  | { accepted: true; authenticatorId: string | null; signed?: Signed }
  | {
      accepted: false;
      reason: RejectionReason;
      retryAfterSeconds?: number;
      audit?: string;
      broken?: boolean;
    };

/**
 * One kind of proof. Every factor has this shape, passes the same contract test (factor-contract.ts), and is
 * reached through the registry only.
 */
export interface Factor {
  readonly name: FactorName;
  /** Which budget a wrong answer draws on; null where nothing can be guessed (threats.md 10). */
  readonly budget: "codes" | "recovery" | "password" | null;
  /** What the browser needs to ask this user now; null when the user cannot answer with this factor. */
  prepare(read: Reader, subject: Subject, challenge: ChallengeFacts): Promise<unknown>;
  /**
   * Verifies one answer and spends what it must (code, step, counter) inside `tx`. Never throws for bad input:
   * whatever is wrong with an answer is a typed refusal.
   */
  verify(tx: Tx, subject: Subject, challenge: ChallengeFacts, answer: unknown): Promise<Verdict>;
}

/** A factor's own words, with the strict shape of its answer. */
export type FactorSpec<Answer> = Omit<Factor, "verify"> & {
  readonly answer: z.ZodType<Answer>;
  verify(tx: Tx, subject: Subject, challenge: ChallengeFacts, answer: Answer): Promise<Verdict>;
};

/** Makes a factor of its spec: an answer of another shape is refused as malformed before the factor sees it. */
export function defineFactor<Answer>({ answer: shape, verify, ...rest }: FactorSpec<Answer>): Factor {
  return {
    ...rest,
    async verify(tx, subject, challenge, raw) {
      const answer = shape.safeParse(raw);
      return answer.success
        ? verify(tx, subject, challenge, answer.data)
        : { accepted: false, reason: "malformed" };
    },
  };
}
