import type { Action, ActionResult, Challenge, Envelope, ReplacedBecause } from "@/lib/step-up/action-result";
import type { Reason } from "@/lib/step-up/decide";
import type { FactorName } from "@/lib/step-up/facts";
import type { Prompt } from "@/lib/step-up/prompt";

/** What a component gets back: the step-up itself has happened, or was given up. */
export type Outcome<Data> =
  /** `proved`: the answer followed a proof, and brought the page along with the new cookie. */
  | { status: "done"; data: Data; proved: boolean }
  | Extract<ActionResult<Data>, { status: "invalid" | "conflict" | "forbidden" | "failed" }>
  | { status: "rate-limited"; retryAfterSeconds: number | null }
  | { status: "cancelled" }
  | { status: "other-person" };

export type Answer = { factor: FactorName; answer: unknown };

/** Why the prompt is shown again: the person's last try, or a challenge that was replaced. */
export type PromptNotice =
  | {
      kind: "rejected";
      factor: FactorName;
      reason: string;
      triesLeft: number | null;
      retryAfterSeconds: number | null;
    }
  | { kind: "limited"; retryAfterSeconds: number | null }
  | { kind: "replaced"; because: ReplacedBecause }
  | { kind: "offline" };

/** `receivedAt`: by this browser's clock. The seconds that the challenge names are counted from then. */
type Prove = { kind: "prove"; challenge: Challenge; receivedAt: number; notice: PromptNotice | null };

/** What the provider must ask the person for before the call can go on. */
export type Demand =
  | Prove
  | { kind: "enrol"; prompt: Prompt; reasons: Reason[]; first: boolean; recoveryCodesLeft: number }
  | { kind: "sign-in" }
  /** Signed in, and what the sign-in still waits for comes first. */
  | { kind: "finish-sign-in" };

/**
 * One click's call of a protected action: the same id and input from the first refusal to the result, so that an
 * answer lost on the way is neither a second change nor "already used".
 */
export class Call<Data> {
  private readonly envelope: Omit<Envelope, "proof">;
  private renewed = false;
  private lastProof: Envelope["proof"];
  demand: Demand | null = null;

  constructor(
    private readonly action: Action<Data>,
    input: unknown,
    person: string,
  ) {
    this.envelope = { input, callId: crypto.randomUUID(), person };
  }

  /** Calls without a proof: at the click, and again when the session may have been unlocked meanwhile. */
  start(): Promise<Outcome<Data> | null> {
    this.lastProof = undefined;
    return this.send();
  }

  /** Calls with the person's answer to the challenge that is open. */
  prove({ factor, answer }: Answer): Promise<Outcome<Data> | null> {
    if (this.demand?.kind !== "prove") return this.start();
    this.lastProof = { token: this.demand.challenge.token, factor, answer };
    return this.send();
  }

  /** The outcome, or null with `demand` saying what is missing. */
  private async send(): Promise<Outcome<Data> | null> {
    const envelope: Envelope = this.lastProof ? { ...this.envelope, proof: this.lastProof } : this.envelope;
    let result: ActionResult<Data>;
    try {
      // The answer may be lost after the change: the same call, sent again, is handed its outcome.
      result = await this.action(envelope).catch(() => this.action(envelope));
    } catch {
      if (this.demand?.kind !== "prove") return { status: "failed", reference: "no-connection" };
      this.demand = { ...this.demand, notice: { kind: "offline" } };
      return null;
    }
    return this.settle(result);
  }

  private settle(result: ActionResult<Data>): Promise<Outcome<Data> | null> | Outcome<Data> | null {
    switch (result.status) {
      case "done":
        return { ...result, proved: this.lastProof !== undefined };
      case "invalid":
      case "conflict":
      case "forbidden":
      case "failed":
        return result;
      case "step-up-required": {
        const notice: PromptNotice | null = result.replaced
          ? { kind: "replaced", because: result.replaced }
          : null;
        return this.needsProof(result.challenge, notice);
      }
      case "proof-rejected": {
        const { challenge, factor, reason, triesLeft, retryAfterSeconds } = result;
        return this.needsProof(challenge, { kind: "rejected", factor, reason, triesLeft, retryAfterSeconds });
      }
      case "rate-limited": {
        const { challenge, retryAfterSeconds } = result;
        if (!challenge) return { status: "rate-limited", retryAfterSeconds };
        return this.needsProof(challenge, { kind: "limited", retryAfterSeconds });
      }
      case "enrolment-required": {
        const { prompt, reasons, first, recoveryCodesLeft } = result;
        return this.needs({ kind: "enrol", prompt, reasons, first, recoveryCodesLeft });
      }
      case "signed-out":
        if (result.because === "other-person") return { status: "other-person" };
        return this.needs({ kind: result.because === "held" ? "finish-sign-in" : "sign-in" });
      case "session-renewed": {
        // Another tab has the newer cookie by now: the same call goes once more with it.
        if (this.renewed) return { status: "failed", reference: "session-renewed" };
        this.renewed = true;
        return this.send();
      }
      default:
        return result satisfies never;
    }
  }

  private needsProof(challenge: Challenge, notice: PromptNotice | null): null {
    return this.needs({ kind: "prove", challenge, receivedAt: Date.now(), notice });
  }

  private needs(demand: Demand): null {
    this.demand = demand;
    return null;
  }
}
