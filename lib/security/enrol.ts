import { z } from "zod";
import type { Tx } from "@/db/client";
import { enrolledFactors } from "@/db/schema/step-up";
import { defineCommand } from "@/lib/command";
import { issuer, relyingParty } from "@/lib/factors";
import { revokeLinks } from "@/lib/links/links";
import { noticeTo } from "@/lib/notices/outbox";
import type { Person } from "@/lib/people/person";
import { environment } from "@/lib/platform/env";
import { line } from "@/lib/platform/line";
import { maskedEmail } from "@/lib/platform/masked";
import { secrets } from "@/lib/platform/secrets";
import { takeTurn } from "@/lib/step-up/attempts";
import type { Ran } from "@/lib/step-up/command";
import { type Bound, bindAuthenticatorApp, bindPasskey, offerFirst } from "@/lib/step-up/enrolment/bind";
import {
  completeTicket,
  enrolmentLifetimeSeconds,
  openTicket,
  requireTicket,
  type Ticket,
} from "@/lib/step-up/enrolment/ticket";
import { factorWords } from "@/lib/step-up/factor-words";
import { registrationOptions } from "@/lib/step-up/factors/passkey/registration";
import { issueRecoveryCodes } from "@/lib/step-up/factors/recovery-code/codes";
import { seedUri } from "@/lib/step-up/factors/totp/seed";
import { type EnrolledFactor, onProbation, type SessionFacts } from "@/lib/step-up/facts";
import { consumeGrant } from "@/lib/step-up/grant";
import { Forbidden, Invalid } from "@/lib/step-up/refusal";
import { demandSecondFactor } from "./deadline/demand";
import { leftWithout } from "./left-without";
import { lockAllSessions } from "./lock-all";
import { mailCode, mailsCodes } from "./mailed-code";
import { goneSignal, type PasskeySignal, readOwn } from "./own-authenticator";
import { takeAway } from "./remove-factor";
import { requireSettable, settableKinds } from "./settable";

/** What the browser needs for either ceremony. */
export type EnrolmentOffer = {
  enrolmentId: string;
  expiresInSeconds: number;
  app: { uri: string; key: string };
  passkey: { creation: unknown };
  /** Where a code was mailed to that must be typed first, masked; null where none is needed. */
  mailedTo: string | null;
  /** What can be set up, the strongest first. */
  kinds: EnrolledFactor[];
  /** Where email codes would go, masked. */
  codesTo: string;
};

/** The very first second factor: the password in this flow, however fresh the sign-in (threats.md 18). */
export const openFirstEnrolment = defineCommand({
  name: "security.enrol-first-factor",
  input: z.strictObject({}),
  subject: async (_read, person) => person,
  record: (person) => ({ type: "person", id: person.id, version: null }),
  prompt: () => ({ purpose: "to set up your second factor", verb: "Continue", changes: [] }),
  async run(tx, grant, _input, { facts, factor }) {
    await consumeGrant(tx, grant, "security.enrol-first-factor", facts.userId);
    // A password may be a thief's: where there is mail, the mailbox must agree (design § 6).
    const mailedCode = mailsCodes(environment()) ? await mailCode(tx, facts) : null;
    return {
      data: await offer(tx, facts, {
        factor: null,
        openedBy: factor ?? "password",
        vouchedBy: null,
        mailedCode,
      }),
      detail: { step: "opened", mailedCode: mailedCode !== null },
    };
  },
});

/** One more authenticator: a proof by the account's strongest factor, for exactly this. */
export const openEnrolment = defineCommand({
  name: "security.enrol-factor",
  /** `replaces`: the lost or old one, which goes when the new one is active. */
  input: z.strictObject({ factor: z.enum(enrolledFactors), replaces: z.uuid().nullable().default(null) }),
  async subject(read, person, { replaces }) {
    const replaced = replaces === null ? null : await readOwn(read, person, replaces);
    return replaces !== null && !replaced ? null : { person, replaced };
  },
  record: ({ person }) => ({ type: "person", id: person.id, version: null }),
  prompt: ({ replaced }, input) => ({
    purpose: `to add ${factorWords[input.factor].had}${replaced ? ` in place of ${replaced.name}` : ""}`,
    verb: "Continue",
    changes: [],
  }),
  async run(tx, grant, input, { facts, factor, authenticatorId }) {
    await consumeGrant(tx, grant, "security.enrol-factor", facts.userId);
    requireSettable(facts, input.factor, input.replaces);
    if (input.replaces !== null) requireReplaceable(facts, input.replaces, input.factor, authenticatorId);
    const openedBy = factor ?? "password";
    const data = await offer(tx, facts, { ...input, openedBy, vouchedBy: authenticatorId });
    return { data, detail: { step: "opened", kind: input.factor, replaces: input.replaces } };
  },
});

/** Replacing is removing: nothing on probation does it (docs/decisions/013), nor does it take a way that work needs. */
function requireReplaceable(
  facts: SessionFacts<Person>,
  replaced: string,
  factor: EnrolledFactor,
  vouchedBy: string | null,
): void {
  if (facts.authenticators.some((one) => one.id === vouchedBy && onProbation(one, facts.now)))
    throw new Forbidden("What you confirmed with is on probation: it replaces no other.");
  if (leftWithout(facts, [replaced], factor))
    throw new Invalid(
      {},
      "Your work needs this one: nothing else of yours may confirm it. Replace it by one of its kind.",
    );
}

/** Finishes an enrolment with a code of the new app. */
export const activateAuthenticatorApp = defineCommand({
  name: "security.activate-factor",
  input: z.strictObject({
    enrolmentId: z.uuid(),
    code: z.string().max(64),
    name: line("The name", 60).min(1, "Give it a name."),
  }),
  subject: async (_read, person) => person,
  record: (person) => ({ type: "person", id: person.id, version: null }),
  prompt: () => ({ purpose: "to activate your authenticator app", verb: "Activate", changes: [] }),
  async run(tx, grant, { enrolmentId, code, name }, { facts, person }) {
    // One activation at a time: the one before has locked the sessions, and with that this grant ends.
    await takeTurn(tx, facts.userId);
    await consumeGrant(tx, grant, "security.activate-factor", facts.userId);
    const ticket = await requireTicket(tx, secrets().encryptionKeys, facts, enrolmentId, "totp");
    requireSettable(facts, "totp", ticket.replaces);
    const bound = await bindAuthenticatorApp(tx, secrets().encryptionKeys, facts, ticket, { code, name });
    await completeTicket(tx, secrets().encryptionKeys, facts, ticket);
    return finish(tx, person, facts, bound, ticket);
  },
});

/** Finishes an enrolment with the browser's new passkey. */
export const activatePasskey = defineCommand({
  name: "security.activate-factor",
  input: z.strictObject({ enrolmentId: z.uuid(), response: z.string().max(64 * 1024) }),
  subject: async (_read, person) => person,
  record: (person) => ({ type: "person", id: person.id, version: null }),
  prompt: () => ({ purpose: "to add a passkey", verb: "Add", changes: [] }),
  async run(tx, grant, { enrolmentId, response }, { facts, person }) {
    // One activation at a time: the one before has locked the sessions, and with that this grant ends.
    await takeTurn(tx, facts.userId);
    await consumeGrant(tx, grant, "security.activate-factor", facts.userId);
    const ticket = await requireTicket(tx, secrets().encryptionKeys, facts, enrolmentId, "passkey");
    requireSettable(facts, "passkey", ticket.replaces);
    const bound = await bindPasskey(tx, relyingParty(environment()), facts, ticket, response);
    await completeTicket(tx, secrets().encryptionKeys, facts, ticket);
    return finish(tx, person, facts, bound, ticket);
  },
});

/** Opens a ticket and tells the browser what either ceremony needs. Whoever calls has seen what vouches for it. */
export async function offer(
  tx: Tx,
  facts: SessionFacts<Person>,
  by: Parameters<typeof openTicket>[3],
): Promise<EnrolmentOffer> {
  const ticket = await openTicket(tx, secrets().encryptionKeys, facts, by);
  const user = { userId: facts.userId, account: facts.account, displayName: facts.person.name };
  const creation = await registrationOptions(tx, relyingParty(environment()), user, ticket.webauthnChallenge);
  return {
    enrolmentId: ticket.id,
    expiresInSeconds: enrolmentLifetimeSeconds,
    app: { uri: seedUri(issuer, facts.account, ticket.seed), key: ticket.seed },
    passkey: { creation },
    mailedTo: by.mailedCode ? maskedEmail(facts.person.email) : null,
    kinds: settableKinds(facts, ticket.replaces),
    codesTo: maskedEmail(facts.person.email),
  };
}

export type Finished = {
  activated: true;
  authenticatorId: string;
  name: string;
  onProbation: boolean;
  recoveryCodes: string[] | null;
  signal: PasskeySignal | null;
};

/**
 * What the new one replaces goes, the elevation of every session ends, the person is told, and the first recovery
 * codes come along.
 */
export async function finish(
  tx: Tx,
  person: Person,
  facts: SessionFacts<Person>,
  bound: Bound,
  ticket: Ticket,
): Promise<Ran<Finished>> {
  const replaced = ticket.replaces === null ? null : await readOwn(tx, person, ticket.replaces);
  if (replaced) await takeAway(tx, person, replaced);
  const recoveryCodes = bringsCodes(ticket, facts) ? await issueRecoveryCodes(tx, facts.userId) : null;
  await demandSecondFactor(tx, facts.userId);
  await lockAllSessions(tx, facts.userId);
  await offerFirst(tx, facts, bound.factor);
  await revokeLinks(tx, "set-up-factor", facts.userId);
  await noticeTo(
    tx,
    person,
    {
      kind: "factor-added",
      subject: `${bound.name} was added to your account`,
      body: `${bound.name} (${factorWords[bound.factor].had}) can now confirm what you do in Keyturn.`,
    },
    { did: "factor-added", authenticatorId: bound.id },
  );
  return {
    data: {
      activated: true,
      authenticatorId: bound.id,
      name: bound.name,
      onProbation: ticket.onProbation,
      recoveryCodes,
      signal: replaced ? goneSignal(replaced) : null,
    },
    authenticatorId: bound.id,
    detail: {
      step: "activated",
      kind: bound.factor,
      name: bound.name,
      onProbation: ticket.onProbation,
      ...(replaced ? { replaced: replaced.name, replacedId: replaced.id } : {}),
      ...(bound.credential ? { credential: bound.credential } : {}),
    },
  };
}

/**
 * The first codes come with the first authenticator, and after a recovery. Else nothing on probation brings any: the
 * thief of somebody's last code would get ten for it.
 */
function bringsCodes(ticket: Ticket, { recoveryCodesLeft }: SessionFacts): boolean {
  const begins = ticket.openedBy === "password" || ticket.openedBy === "link";
  return recoveryCodesLeft === 0 && (begins || !ticket.onProbation);
}
