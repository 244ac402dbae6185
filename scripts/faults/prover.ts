import { setTimeout as pause } from "node:timers/promises";
import { generate } from "otplib";
import type { MadePerson } from "@/e2e/fixtures/world";
import { must } from "@/e2e/fixtures/world";
import type { Challenge } from "@/lib/step-up/action-result";
import { passkeyAnswer } from "@/lib/step-up/factors/passkey/software-answer";
import type { SoftwareAuthenticator } from "@/lib/step-up/factors/passkey/software-authenticator";
import type { Journal } from "./journal";

export type Proof = { token: string; factor: "totp" | "passkey"; answer: unknown };

const stepMs = 30_000;
const stepNow = () => Math.floor(Date.now() / stepMs);

/** A person's second factor: an authenticator app, and for some a passkey that they use instead. */
export class Prover {
  passkey: SoftwareAuthenticator | null = null;
  private readonly steps = new Set<number>();
  private last: Proof | null = null;

  constructor(
    private readonly person: MadePerson,
    private readonly origin: string,
    journal: Journal,
  ) {
    journal.steps.set(person.id, this.steps);
  }

  /** Whether a code that was never used is on the display, or no code is needed. */
  get hasOne(): boolean {
    return this.passkey !== null || this.nextStep() <= stepNow() + 1;
  }

  /** An answer to the challenge that no other challenge was given: waits for the next code where it has to. */
  async answers(challenge: Challenge): Promise<Proof> {
    const answer = this.passkey ? passkeyAnswer(this.passkey, challenge, this.origin) : null;
    if (answer) return this.sends({ token: challenge.token, factor: "passkey", answer });
    while (this.nextStep() > stepNow() + 1) await pause(250);
    return this.byCode(challenge.token);
  }

  async byCode(token: string): Promise<Proof> {
    const step = this.nextStep();
    this.steps.add(step);
    const code = await generate({ secret: must(this.person.seed), epoch: (step * stepMs) / 1_000 });
    return this.sends({ token, factor: "totp", answer: { code } });
  }

  /**
   * What was sent last, code or signature, once more: for another challenge, as somebody would who looked over the
   * shoulder, and with the challenge that it answered, as somebody would who copied the whole call.
   */
  again({ token }: Challenge): Proof[] {
    return this.last ? [{ ...this.last, token }, this.last] : [];
  }

  private sends(proof: Proof): Proof {
    this.last = proof;
    return proof;
  }

  private nextStep(): number {
    return Math.max(stepNow(), ...[...this.steps].map((step) => step + 1));
  }
}
