import { z } from "zod";
import type { Tx } from "@/db/client";
import { defineCommand } from "@/lib/command";
import { line } from "@/lib/customers/line";
import { issuer, relyingParty } from "@/lib/factors";
import { noticeTo } from "@/lib/notices/outbox";
import type { Person } from "@/lib/people/person";
import { environment } from "@/lib/platform/env";
import { secrets } from "@/lib/platform/secrets";
import { takeTurn } from "@/lib/step-up/attempts";
import { type Bound, bindAuthenticatorApp, bindPasskey } from "@/lib/step-up/enrolment/bind";
import {
  completeTicket,
  type EnrolledFactor,
  enrolmentLifetimeSeconds,
  openTicket,
  requireTicket,
} from "@/lib/step-up/enrolment/ticket";
import { registrationOptions } from "@/lib/step-up/factors/passkey/registration";
import { issueRecoveryCodes } from "@/lib/step-up/factors/recovery-code/codes";
import { seedUri } from "@/lib/step-up/factors/totp/seed";
import type { FactorName, SessionFacts } from "@/lib/step-up/facts";
import { consumeGrant } from "@/lib/step-up/grant";
import { lockAllSessions } from "./lock-all";

/** What the browser needs for either ceremony. */
export type EnrolmentOffer = {
  enrolmentId: string;
  expiresInSeconds: number;
  app: { uri: string; key: string };
  passkey: { creation: unknown };
};

const kindWords: Record<EnrolledFactor, string> = { totp: "an authenticator app", passkey: "a passkey" };

/** The very first second factor: the password in this flow, however fresh the sign-in (threats.md 18). */
export const openFirstEnrolment = defineCommand({
  name: "security.enrol-first-factor",
  input: z.strictObject({}),
  subject: async (_read, person) => person,
  record: (person) => ({ type: "person", id: person.id, version: null }),
  prompt: () => ({ purpose: "to set up your second factor", verb: "Continue", changes: [] }),
  async run(tx, grant, _input, { facts, factor }) {
    await consumeGrant(tx, grant, "security.enrol-first-factor", facts.userId);
    return {
      data: await offer(tx, facts, null, { openedBy: factor ?? "password", vouchedBy: null }),
      detail: { step: "opened" },
    };
  },
});

/** One more authenticator: a proof by the account's strongest factor, for exactly this. */
export const openEnrolment = defineCommand({
  name: "security.enrol-factor",
  input: z.strictObject({ factor: z.enum(["totp", "passkey"]) }),
  subject: async (_read, person) => person,
  record: (person) => ({ type: "person", id: person.id, version: null }),
  prompt: (_person, input) => ({
    purpose: `to add ${kindWords[input.factor]}`,
    verb: "Continue",
    changes: [],
  }),
  async run(tx, grant, input, { facts, factor, authenticatorId }) {
    await consumeGrant(tx, grant, "security.enrol-factor", facts.userId);
    const by = { openedBy: factor ?? "password", vouchedBy: authenticatorId };
    return { data: await offer(tx, facts, input.factor, by), detail: { step: "opened", kind: input.factor } };
  },
});

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
    const bound = await bindAuthenticatorApp(tx, secrets().encryptionKeys, facts, ticket, { code, name });
    await completeTicket(tx, ticket);
    return finish(tx, person, facts, bound, ticket.onProbation);
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
    const bound = await bindPasskey(tx, relyingParty(environment()), facts, ticket, response);
    await completeTicket(tx, ticket);
    return finish(tx, person, facts, bound, ticket.onProbation);
  },
});

async function offer(
  tx: Tx,
  facts: SessionFacts<Person>,
  factor: EnrolledFactor | null,
  by: { openedBy: FactorName; vouchedBy: string | null },
): Promise<EnrolmentOffer> {
  const ticket = await openTicket(tx, secrets().encryptionKeys, facts, { factor, ...by });
  const user = { userId: facts.userId, account: facts.account, displayName: facts.person.name };
  const creation = await registrationOptions(tx, relyingParty(environment()), user, ticket.webauthnChallenge);
  return {
    enrolmentId: ticket.id,
    expiresInSeconds: enrolmentLifetimeSeconds,
    app: { uri: seedUri(issuer, facts.account, ticket.seed), key: ticket.seed },
    passkey: { creation },
  };
}

/** The elevation of every session ends, the person is told, and the first recovery codes come along. */
async function finish(
  tx: Tx,
  person: Person,
  facts: SessionFacts<Person>,
  bound: Bound,
  onProbation: boolean,
) {
  const recoveryCodes = facts.recoveryCodesLeft === 0 ? await issueRecoveryCodes(tx, facts.userId) : null;
  await lockAllSessions(tx, facts.userId);
  await noticeTo(
    tx,
    person,
    {
      kind: "factor-added",
      subject: `${bound.name} was added to your account`,
      body: `${bound.name} (${kindWords[bound.factor]}) can now confirm what you do in Keyturn.`,
    },
    { did: "factor-added", authenticatorId: bound.id },
  );
  return {
    data: { authenticatorId: bound.id, name: bound.name, onProbation, recoveryCodes },
    detail: {
      step: "activated",
      kind: bound.factor,
      name: bound.name,
      authenticatorId: bound.id,
      onProbation,
      ...bound.receipt,
    },
  };
}
