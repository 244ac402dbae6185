import type { AttemptDecision } from "@/lib/step-up/attempts";

/** `retryAfterSeconds` null: codes are off for good, until restoreCodes. */
export type CodeRefusal = {
  because: "wrong" | "too-many-tries";
  triesLeft: number;
  retryAfterSeconds: number | null;
};

/** A code that was refused in an answer, not by a Refusal: that would roll the counted try back (threats.md 9). */
export function refusedCode(counted: AttemptDecision) {
  const data: CodeRefusal = counted.allowed
    ? { because: "wrong", triesLeft: counted.left, retryAfterSeconds: null }
    : { because: "too-many-tries", triesLeft: 0, retryAfterSeconds: counted.retryAfterSeconds };
  return { data, outcome: "refused" as const, detail: { reason: data.because } };
}
