import { randomBytes } from "node:crypto";
import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/client";
import { evidence, factorNames, grants, type Signed } from "@/db/schema/step-up";
import type {
  Action,
  ActionResult,
  Challenge,
  Envelope,
  ProofRejected,
  ReplacedBecause,
} from "./action-result";
import { type CallKey, callKey, claimCall, earlierOutcome, isUnclaimed, keepOutcome } from "./call-outcomes";
import { type ChallengeSubject, misfitOf, msSinceOpened, readChallenge } from "./challenge";
import type { Command, Ran, RecordRef } from "./command";
import { type Decision, decide } from "./decide";
import { assertStrictSchema, concealSecrets, contentOf, digestOfContent, hasOneReading } from "./digest";
import type { RejectionReason } from "./factors/factor";
import type { FactorName, SessionFacts } from "./facts";
import { fieldErrors } from "./field-errors";
import { type GrantBasis, openGrant, wasConsumed } from "./grant";
import { offerChallenge, type StepUp } from "./offer-challenge";
import type { Ports } from "./ports";
import type { Prompt } from "./prompt";
import { Conflict, Forbidden, Invalid, Refusal } from "./refusal";
import type { Requirement } from "./requirement";
import { verifyProof } from "./verify-proof";

const envelope = z.strictObject({
  input: z.unknown(),
  callId: z.uuid(),
  person: z.uuid(),
  proof: z
    .strictObject({ token: z.string().max(4096), factor: z.enum(factorNames), answer: z.unknown() })
    .optional(),
});

/** A call as far as it is known: everything after authorisation works on this. */
type Call<Person, Input, Subject> = {
  facts: SessionFacts<Person>;
  envelope: Envelope;
  key: CallKey;
  input: Input;
  subject: Subject;
  record: RecordRef | null;
  prompt: Prompt;
  /** What is confirmed, as a text; `digest` is over it. */
  content: string;
  digest: string;
  requirement: Requirement;
};

type Evidenced = {
  evidenceId: string | null;
  factor: FactorName | null;
  authenticatorId: string | null;
  signed: Signed | null;
  /** True when the proof came with this call, not from an earlier one of the session. */
  proved: boolean;
  /** From the challenge to the proof that came with this call; null where none did. */
  confirmedInMs: number | null;
};

/**
 * Makes the only pipeline in which anything is changed: session · origin · person · parse · authorise · decide ·
 * (prove) · run. See design § 3; every refusal is data.
 */
export function createDefineAction<Person>(ports: Ports<Person>) {
  return function defineAction<Name extends string, Input, Subject, Data>(
    command: Command<Name, Input, Subject, Data, Person>,
  ): Action<Data> {
    assertStrictSchema(command.name, command.input);
    const pipeline = new Pipeline(ports, command);
    return async (raw) => {
      try {
        return await pipeline.answer(raw);
      } catch (error) {
        return error instanceof Invalid ? resultOf(error) : pipeline.failed(error);
      }
    };
  };
}

class Pipeline<Person, Name extends string, Input, Subject, Data> {
  constructor(
    private readonly ports: Ports<Person>,
    private readonly command: Command<Name, Input, Subject, Data, Person>,
  ) {}

  async answer(raw: unknown): Promise<ActionResult<Data>> {
    const parsed = envelope.safeParse(raw);
    if (!parsed.success) return { status: "invalid", fields: {}, message: "This request could not be read." };
    if (!(await this.ports.originAllowed()))
      return { status: "forbidden", message: "This request came from another site.", reasons: [] };
    const facts = await this.ports.session.read(this.command.name);
    if (!facts) return { status: "signed-out", because: "no-session" };
    if (facts === "held") return { status: "signed-out", because: "held" };
    if (parsed.data.person !== facts.userId) return { status: "signed-out", because: "other-person" };

    const input = this.command.input.safeParse(parsed.data.input);
    if (!input.success)
      return { status: "invalid", fields: fieldErrors(input.error), message: "Check the marked fields." };
    const concealed = this.concealed(input.data);
    if (!hasOneReading(concealed))
      return { status: "invalid", fields: {}, message: "This request could not be read." };
    const { reader } = await this.ports.database();
    const { sessionId } = facts;
    const key = callKey(this.ports.keys, {
      sessionId,
      callId: parsed.data.callId,
      action: this.command.name,
      input: concealed,
    });
    // What a call changed may be what forbids it now: then the repeat of a lost answer gets that answer (threats.md 7c).
    const earlier = () => earlierOutcome<Data>(reader, this.ports.keys, key);
    let subject: Subject | null;
    try {
      subject = await this.command.subject(reader, facts.person, input.data);
    } catch (error) {
      const done = error instanceof Invalid ? await earlier() : null;
      if (done) return done;
      throw error;
    }
    if (subject === null) return (await earlier()) ?? this.noAccess(facts, input.data);
    return this.decide(this.call(facts, parsed.data, key, input.data, subject));
  }

  private call(
    facts: SessionFacts<Person>,
    envelope: Envelope,
    key: CallKey,
    input: Input,
    subject: Subject,
  ): Call<Person, Input, Subject> {
    const record = this.command.record(subject, input);
    const prompt = this.command.prompt(subject, input);
    const { userId, sessionId } = facts;
    const content = contentOf({
      purpose: "step-up",
      action: this.command.name,
      userId,
      sessionId,
      record,
      input: this.concealed(input),
      prompt,
    });
    const digest = digestOfContent(content);
    const requirement = this.ports.requirementOf(this.command.name, facts);
    return { facts, envelope, key, input, subject, record, prompt, content, digest, requirement };
  }

  private concealed(input: Input): unknown {
    return concealSecrets(this.ports.keys, input, this.command.secretInput ?? []);
  }

  private async decide(call: Call<Person, Input, Subject>): Promise<ActionResult<Data>> {
    const { facts, requirement, envelope } = call;
    const decision = decide(requirement, facts);
    if (facts.presented === "predecessor" || decision.outcome !== "satisfied" || envelope.proof) {
      const earlier = await this.earlier(call);
      if (earlier) return earlier;
    }
    // A browser that has the successor's cookie repeats with it; one that lost the answer proves again.
    // What needs no proof (locking, signing out) goes on there: it would repeat for ever.
    if (facts.presented === "predecessor" && facts.successorSeen) return { status: "session-renewed" };
    switch (decision.outcome) {
      case "satisfied":
        return this.run(call, basisOf(requirement, decision), unproved(decision));
      case "enrol":
        return {
          status: "enrolment-required",
          prompt: call.prompt,
          reasons: decision.reasons,
          first: facts.authenticators.length === 0,
          recoveryCodesLeft: facts.recoveryCodesLeft,
        };
      case "refused":
        return this.unable(call, decision.reasons);
      case "step-up":
        return this.stepUp(call, decision);
    }
  }

  private async stepUp(call: Call<Person, Input, Subject>, decision: StepUp): Promise<ActionResult<Data>> {
    const subject = challengeSubject(this.command.name, call, decision);
    const left = await this.openGrantOf(call);
    if (left && stillAnswers(left, decision))
      return this.run(
        call,
        { kind: "row", grantId: left.grantId },
        { ...left, proved: true, confirmedInMs: null },
      );

    const { proof } = call.envelope;
    const challenge = (replaced?: ReplacedBecause) => this.required(call, decision, replaced);
    if (!proof) return challenge();
    const token = readChallenge(this.ports.keys, proof.token);
    const misfit = misfitOf(token, call.facts, subject);
    if (misfit || !token) return challenge(misfit ?? "foreign");
    if (!decision.accepted.includes(proof.factor)) return challenge("changed");

    const { factor, answer } = proof;
    const outcome = await verifyProof(this.ports, call.facts, {
      token,
      factor,
      answer,
      answering: decision.answering,
    });
    switch (outcome.kind) {
      case "answered-before":
        return (await this.earlier(call)) ?? challenge("answered");
      case "limited":
        return {
          status: "rate-limited",
          retryAfterSeconds: outcome.retryAfterSeconds,
          challenge: await this.challenge(call, decision),
        };
      case "rejected":
        return {
          status: "proof-rejected",
          factor,
          reason: publicReason(outcome.verdict.reason),
          triesLeft: outcome.triesLeft,
          retryAfterSeconds: outcome.verdict.retryAfterSeconds ?? null,
          challenge: await this.challenge(call, decision),
        };
      case "accepted": {
        if (outcome.rotation) await this.ports.session.deliver(outcome.rotation);
        const { evidenceId, authenticatorId, signed, grantId } = outcome;
        return this.run(
          call,
          { kind: "row", grantId },
          {
            ...{ evidenceId, factor, authenticatorId, signed, proved: true },
            confirmedInMs: msSinceOpened(token, call.facts.now),
          },
        );
      }
    }
  }

  /**
   * The second transaction: claim the call id, consume the grant, change, audit, keep the outcome. All or nothing.
   */
  private async run(
    call: Call<Person, Input, Subject>,
    basis: GrantBasis,
    proof: Evidenced,
  ): Promise<ActionResult<Data>> {
    const { command, ports } = this;
    const { facts, input, subject, record } = call;
    const { database } = await ports.database();
    try {
      const result = await database.transaction(async (tx) => {
        if (!(await claimCall(tx, call.key))) return null;
        const grant = openGrant({
          action: command.name,
          recordId: record?.id ?? null,
          basis,
          sessionHolds: ports.session.holds(facts),
        });
        const ran = await command.run(tx, grant, input, { person: facts.person, subject, facts, ...proof });
        if (!wasConsumed(grant)) throw new Error(`${command.name} did not consume its grant`);
        const done: ActionResult<Data> = { status: "done", data: ran.data };
        if (audited(command.audit, proof) && ran.tellsOf !== null) {
          await this.audit(tx, call, ran.outcome ?? "allowed", proof, ran);
        }
        await keepOutcome(tx, ports.keys, call.key, done);
        return { done, device: ran.device };
      });
      if (result?.device) await ports.session.deliverDevice(result.device);
      return result?.done ?? (await this.earlier(call)) ?? { status: "failed", reference: "repeated-call" };
    } catch (error) {
      return this.refusedOrFailed(call, basis, proof, error);
    }
  }

  private async refusedOrFailed(
    call: Call<Person, Input, Subject>,
    basis: GrantBasis,
    proof: Evidenced,
    error: unknown,
  ): Promise<ActionResult<Data>> {
    const refusal = error instanceof Refusal ? error : null;
    const { database } = await this.ports.database();
    const failed = refusal ? null : this.failed(error);
    const done = await database.transaction(async (tx) => {
      // A COMMIT may be heard and its answer lost: what was done must not be told as failed. Waits for one under way.
      if (failed && !(await isUnclaimed(tx, call.key))) return true;
      // A failed save costs the person one more click; every other refusal ends the grant (design § 4).
      if (refusal && basis.kind === "row")
        await tx.update(grants).set({ endedAt: sql`now()` }).where(eq(grants.id, basis.grantId));
      const detail = refusal
        ? { reason: refusal.reason ?? refusal.constructor.name.toLowerCase() }
        : { reference: failed?.reference };
      if (audited(this.command.audit, proof))
        await this.audit(tx, call, refusal ? "refused" : "failed", proof, { detail });
      return false;
    });
    const earlier = done ? await this.earlier(call) : null;
    if (earlier) return earlier;
    return refusal ? resultOf(refusal) : (failed ?? { status: "failed", reference: "unknown" });
  }

  /** An unexpected failure: a reference to find it in the log, and no detail for the browser. */
  failed(error: unknown): { status: "failed"; reference: string } {
    const reference = randomBytes(5).toString("hex");
    this.ports.onFailure(reference, this.command.name, error);
    return { status: "failed", reference };
  }

  /** Not theirs, or not there: the same answer for both. */
  private noAccess(facts: SessionFacts<Person>, input: Input): Promise<ActionResult<Data>> {
    const record = this.command.names?.(input) ?? null;
    return this.forbidden(
      facts,
      { record, digest: null, reason: "access" },
      "This doesn't exist, or isn't yours to see.",
      [],
    );
  }

  /** They have a second factor, and it may not confirm this; or the policy closes it to them. */
  private unable(
    { facts, record, digest }: Call<Person, Input, Subject>,
    reasons: Decision["reasons"],
  ): Promise<ActionResult<Data>> {
    return this.forbidden(
      facts,
      { record, digest, reason: "requirement" },
      reasons[0]?.code === "closed"
        ? "The administrators' policy doesn't open this to your role."
        : "Your second factor can't confirm this yet.",
      reasons,
    );
  }

  private async forbidden(
    facts: SessionFacts<Person>,
    refused: { record: { type: string; id: string } | null; digest: string | null; reason: string },
    message: string,
    reasons: Decision["reasons"],
  ): Promise<ActionResult<Data>> {
    const { database } = await this.ports.database();
    const { record, digest, reason } = refused;
    const { name: action } = this.command;
    await database.transaction((tx) =>
      this.ports.audit.record(tx, {
        facts,
        action,
        outcome: "refused",
        record,
        digest,
        factor: null,
        authenticatorId: null,
        detail: { reason },
      }),
    );
    return { status: "forbidden", message, reasons };
  }

  private async required(
    call: Call<Person, Input, Subject>,
    decision: StepUp,
    replaced?: ReplacedBecause,
  ): Promise<ActionResult<Data>> {
    const challenge = await this.challenge(call, decision);
    return { status: "step-up-required", challenge, ...(replaced ? { replaced } : {}) };
  }

  private async challenge(call: Call<Person, Input, Subject>, decision: StepUp): Promise<Challenge> {
    const { reader } = await this.ports.database();
    const subject = challengeSubject(this.command.name, call, decision);
    return offerChallenge(this.ports, reader, call.facts, subject, call.prompt, decision);
  }

  private async earlier(call: Call<Person, Input, Subject>): Promise<ActionResult<Data> | null> {
    const { reader } = await this.ports.database();
    return earlierOutcome(reader, this.ports.keys, call.key);
  }

  /** A grant that a failed save left behind: same session, action and digest, still within its 60 s. */
  private async openGrantOf(call: Call<Person, Input, Subject>): Promise<{
    grantId: string;
    evidenceId: string;
    factor: FactorName;
    authenticatorId: string | null;
    signed: Signed | null;
  } | null> {
    if (call.requirement.binding !== "input" || call.facts.presented === "predecessor") return null;
    const { facts, digest } = call;
    const { reader } = await this.ports.database();
    const [open] = await reader
      .select({
        grantId: grants.id,
        evidenceId: evidence.id,
        factor: evidence.factor,
        authenticatorId: evidence.authenticatorId,
        signed: evidence.signed,
      })
      .from(grants)
      .innerJoin(evidence, eq(evidence.id, grants.evidenceId))
      .where(
        and(
          eq(grants.sessionId, facts.sessionId),
          eq(grants.digest, digest),
          eq(grants.action, this.command.name),
          eq(grants.lockEpoch, facts.lockEpoch),
          isNull(grants.consumedAt),
          isNull(grants.endedAt),
          sql`${grants.expiresAt} > now()`,
        ),
      )
      .limit(1);
    return open ?? null;
  }

  private audit(
    tx: Tx,
    call: Call<Person, Input, Subject>,
    outcome: "allowed" | "refused" | "cancelled" | "failed",
    proof: Evidenced,
    ran: Omit<Ran<unknown>, "data">,
  ): Promise<void> {
    const { facts, record, content, digest, requirement } = call;
    const { factor, authenticatorId, signed, confirmedInMs } = proof;
    return this.ports.audit.record(tx, {
      facts,
      action: ran.tellsOf?.action ?? this.command.name,
      outcome,
      record: ran.about ?? record,
      digest: ran.tellsOf?.digest ?? digest,
      factor,
      authenticatorId: ran.authenticatorId ?? authenticatorId,
      // One row a step-up has it, and what was done later under the same proof has not.
      detail: { ...ran.detail, ...(confirmedInMs === null ? {} : { confirmedInMs }) },
      personal: ran.personal,
      confirmed: requirement.binding === "input" ? { content, signed } : undefined,
    });
  }
}

/** Whether a proof that was given before would be accepted now: the policy or the person's factors may have changed. */
function stillAnswers(
  given: { factor: FactorName; authenticatorId: string | null },
  decision: StepUp,
): boolean {
  const { factor, authenticatorId } = given;
  return (
    decision.accepted.includes(factor) &&
    (authenticatorId === null || decision.answering.some(({ id }) => id === authenticatorId))
  );
}

function challengeSubject(
  action: string,
  call: { record: RecordRef | null; digest: string; requirement: Requirement },
  decision: { accepted: FactorName[] },
): ChallengeSubject {
  const { record, digest, requirement } = call;
  return { action, record, digest, requirement, accepted: decision.accepted };
}

function basisOf(
  requirement: Requirement,
  decision: Extract<Decision, { outcome: "satisfied" }>,
): GrantBasis {
  if (!decision.evidence) return { kind: "signed-in" };
  return { kind: "evidence", evidenceId: decision.evidence.id, maxAgeSeconds: requirement.maxAgeSeconds };
}

function unproved(decision: Extract<Decision, { outcome: "satisfied" }>): Evidenced {
  return {
    evidenceId: decision.evidence?.id ?? null,
    factor: decision.evidence?.factor ?? null,
    authenticatorId: decision.evidence?.authenticatorId ?? null,
    signed: null,
    proved: false,
    confirmedInMs: null,
  };
}

function audited(rule: "always" | "on-proof" | undefined, proof: Evidenced): boolean {
  return rule !== "on-proof" || proof.proved;
}

function resultOf(refusal: Refusal): ActionResult<never> {
  if (refusal instanceof Conflict) return { status: "conflict", current: refusal.current };
  if (refusal instanceof Invalid)
    return { status: "invalid", fields: refusal.fields, message: refusal.message };
  const message = refusal instanceof Forbidden ? refusal.message : "You can't do this.";
  return { status: "forbidden", message, reasons: [] };
}

/** What a person can act on; the rest is one word, and the detail is the audit row's. */
function publicReason(reason: RejectionReason): ProofRejected {
  switch (reason) {
    case "wrong":
    case "malformed":
      return "wrong";
    case "used":
    case "counter-went-back":
    case "unavailable":
      return reason;
    case "unknown-authenticator":
    case "not-verified":
      return "not-accepted";
  }
}
