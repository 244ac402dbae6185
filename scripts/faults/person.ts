import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type MadeCustomer, type MadePerson, password } from "@/e2e/fixtures/world";
import type { Challenge } from "@/lib/step-up/action-result";
import type { Answer } from "../bench/browser";
import type { Entry, Journal, Kind } from "./journal";
import type { Line } from "./line";
import type { Proof, Prover } from "./prover";
import type { Random } from "./random";

type Call = { action: string; path: string; input: unknown };

/** One person at work: an edit after the other, each call repeated under its id until it is answered for good. */
export class Person {
  constructor(
    readonly made: MadePerson,
    private readonly line: Line,
    private readonly prover: Prover,
    private readonly journal: Journal,
    private readonly random: Random,
    private readonly customers: (MadeCustomer & { version: number })[],
  ) {}

  async signIn(): Promise<void> {
    const giveUp = Date.now() + 120_000;
    while (Date.now() < giveUp) {
      const done = await this.line.browser.signIn(this.made.email, password).then(
        () => true,
        () => false,
      );
      if (done) return;
      await pause(1_000);
    }
    this.journal.faults.push(`${this.made.email} could not sign in for two minutes`);
  }

  /** Works until `resting`, and never stops in the middle of a call. */
  async work(resting: () => boolean): Promise<void> {
    while (!resting()) {
      if (this.prover.hasOne) await this.edit();
      await pause(this.random.between(50, 400));
    }
  }

  private async edit(): Promise<void> {
    const kind = this.random.pick<Kind>(["bank-details", "bank-details", "edit", "create"]);
    const customer = this.random.pick(this.customers);
    const token = randomUUID();
    const customerId = kind === "create" ? null : customer.id;
    const entry: Entry = { kind, personId: this.made.id, token, customerId, answer: "open" };
    this.journal.entries.push(entry);
    const call = this.callOf(kind, customer, token);
    const callId = randomUUID();
    const { answer, sure } = await this.calls(call, callId);
    entry.answer = answer?.status === "done" ? "acknowledged" : sure ? "refused" : "unknown";
    learn(customer, kind, answer);
    if (answer?.status !== "done") return;
    if (this.random.chance(0.3)) await this.repeats(call, callId, answer);
    if (this.random.chance(0.5)) await this.replays(customer);
    // The next edit needs a proof of its own.
    await this.calls({ action: "lockNow", path: call.path, input: {} }, randomUUID());
  }

  /**
   * To the end, whatever comes between. `sure`: false where the answer was lost and the session, which alone may ask
   * again, has ended since.
   */
  private async calls(call: Call, callId: string): Promise<{ answer: Answer | null; sure: boolean }> {
    let proof: Proof | undefined;
    let lost = false;
    const giveUp = Date.now() + 180_000;
    while (Date.now() < giveUp) {
      const answer = await this.send(call, callId, proof);
      switch (answer?.status) {
        case undefined:
        case "failed":
          lost = true;
          await pause(300);
          break;
        case "step-up-required":
        case "proof-rejected":
        case "rate-limited":
          proof = await this.prove(answer);
          break;
        case "session-renewed":
          proof = undefined;
          break;
        case "signed-out":
          await this.signIn();
          if (lost || proof) return { answer: null, sure: false };
          break;
        default:
          return { answer: answer ?? null, sure: true };
      }
    }
    this.journal.faults.push(`${call.action} of ${this.made.email} came to no end in three minutes`);
    return { answer: null, sure: false };
  }

  private send({ path, action, input }: Call, callId: string, proof?: Proof): Promise<Answer | null> {
    const envelope = { input, callId, person: this.made.id, ...(proof ? { proof } : {}) };
    return this.line.act(path, action, envelope);
  }

  private async prove(answer: Answer): Promise<Proof | undefined> {
    await pause(Math.min(30, Number(answer.retryAfterSeconds ?? 0)) * 1_000);
    return answer.challenge ? this.prover.answers(answer.challenge as Challenge) : undefined;
  }

  /** Once more under the same id, though the answer came: it must be the same one. */
  private async repeats(call: Call, callId: string, first: Answer): Promise<void> {
    const again = await this.send(call, callId);
    if (again?.status !== "done") {
      if (again && !["failed", "session-renewed", "signed-out"].includes(again.status))
        this.journal.faults.push(`the repeat of a call that was done answered ${again.status}`);
      return;
    }
    if (JSON.stringify(again.data) !== JSON.stringify(first.data))
      this.journal.faults.push(`a repeat of ${call.action} answered something else than the call`);
  }

  /** A code or a passkey's answer that was used already, for another act: it must not pass. */
  private async replays(customer: MadeCustomer & { version: number }): Promise<void> {
    const call = this.callOf("bank-details", customer, "replayed");
    const callId = randomUUID();
    const asked = await this.send(call, callId);
    if (asked?.status !== "step-up-required") return;
    for (const proof of this.prover.again(asked.challenge as Challenge)) {
      const answer = await this.send(call, callId, proof);
      if (answer?.status === "done") this.journal.faults.push(`a proof by ${proof.factor} passed twice`);
    }
  }

  private callOf(kind: Kind, { id, version, name }: MadeCustomer & { version: number }, token: string): Call {
    const path = `/customers/${id}`;
    const fields = { email: "", phone: "", street: "", postalCode: "", country: "DE" };
    switch (kind) {
      case "bank-details": {
        const bankDetails = { accountHolder: `Holder ${token}`, iban: "DE89370400440532013000" };
        return { action: "changeBankDetails", path, input: { customerId: id, version, bankDetails } };
      }
      case "edit": {
        const input = { customerId: id, version, fields: { ...fields, name, city: `City ${token}` } };
        return { action: "editCustomer", path, input };
      }
      case "create": {
        const input = { teamId: this.made.teamId, fields: { ...fields, name: `New ${token}`, city: "Bonn" } };
        return { action: "createCustomer", path: "/customers/new", input };
      }
    }
  }
}

/** The version to edit next: of what was saved, or what somebody else saved in between. */
function learn(customer: { version: number }, kind: Kind, answer: Answer | null): void {
  if (!answer || kind === "create") return;
  const told = (answer.status === "conflict" ? answer.current : answer.data) as
    | { version?: number }
    | undefined;
  if (told?.version) customer.version = told.version;
}
