import type { Reason } from "./decide";
import type { FactorName } from "./facts";
import type { Prompt } from "./prompt";

/** How the browser asks for one factor; `options` has the factor's own shape (factors/<name>/). */
export type FactorOption = { factor: FactorName; options: unknown };

/** Everything that the prompt needs, so that a passkey costs no extra trip. */
export type Challenge = {
  token: string;
  action: string;
  account: string;
  prompt: Prompt;
  binding: "session" | "input";
  /** In the order to offer: last used on this device first. */
  factors: FactorOption[];
  reasons: Reason[];
  expiresInSeconds: number;
  /** Whether an unused recovery code could pay for a new authenticator. */
  recoveryCodesLeft: number;
};

/** Why a challenge replaces the one that was answered. Nothing was counted or spent. */
export type ReplacedBecause = "expired" | "locked" | "changed" | "answered" | "foreign";

export type ProofRejected = "wrong" | "used" | "not-accepted" | "counter-went-back" | "unavailable";

/**
 * The answer to every protected action: data, never an exception, since React masks thrown errors in production.
 * The client handles every member, and the compiler checks that (components/step-up/use-step-up.ts).
 */
export type ActionResult<Data> =
  | { status: "done"; data: Data }
  | { status: "step-up-required"; challenge: Challenge; replaced?: ReplacedBecause }
  | {
      status: "proof-rejected";
      factor: FactorName;
      reason: ProofRejected;
      triesLeft: number | null;
      retryAfterSeconds: number | null;
      challenge: Challenge;
    }
  | { status: "rate-limited"; retryAfterSeconds: number | null; challenge: Challenge | null }
  | {
      status: "enrolment-required";
      prompt: Prompt;
      reasons: Reason[];
      first: boolean;
      /** What pays for a new authenticator where it is not the first. */
      recoveryCodesLeft: number;
    }
  | { status: "invalid"; fields: Record<string, string>; message: string }
  | { status: "conflict"; current: unknown }
  | { status: "forbidden"; message: string; reasons: Reason[] }
  | { status: "session-renewed" }
  | { status: "signed-out"; because: "no-session" | "held" | "other-person" }
  | { status: "failed"; reference: string };

/** One call of a protected action, as the browser sends it. */
export type Envelope = {
  input: unknown;
  /** Random, one a click: a repeat of the same call is not a second change. */
  callId: string;
  /** The person that the page was rendered for: another one's cookie answers `signed-out`. */
  person: string;
  proof?: { token: string; factor: FactorName; answer: unknown };
};

export type Action<Data> = (envelope: Envelope) => Promise<ActionResult<Data>>;
