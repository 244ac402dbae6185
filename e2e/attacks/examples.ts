import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { approvals } from "@/db/schema/approvals";
import { helpRequests } from "@/db/schema/help-requests";
import { links } from "@/db/schema/links";
import { authenticators, evidence } from "@/db/schema/step-up";
import { openLink } from "@/lib/links/links";
import { type MadeCustomer, type MadePerson, must, type World } from "../fixtures/world";
import { Caller } from "./caller";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A right call of an action: who makes it, and how far it gets. `optional`: members that may be left out. */
export type Example = {
  by: "theo" | "ada" | "nobody";
  input: Json;
  answer: string;
  optional?: string[];
};

/** People with living sessions that are unlocked, what is theirs, and what belongs to others. */
export type Cast = {
  theo: Caller;
  ada: Caller;
  /** An employee of another team, a manager and an auditor. */
  otto: Caller;
  mona: Caller;
  olga: Caller;
  acme: MadeCustomer;
  /** A customer of another team. */
  other: MadeCustomer;
  foreign: string[];
  examples: Record<string, Example>;
};

export async function openCast(world: World, origin: string): Promise<Cast> {
  const people = {
    theo: await world.person({ name: "Theo Test", app: true }),
    ada: await world.person({ name: "Ada Test", role: "administrator", teamId: null, app: true }),
    otto: await world.person({ name: "Otto Other", app: true }),
    mona: await world.person({ name: "Mona Manager", role: "manager", teamId: null, app: true }),
    olga: await world.person({ name: "Olga Auditor", role: "auditor", teamId: null, app: true }),
  };
  const theo = await unlocked(world, await Caller.signsIn(world, origin, people.theo));
  const ada = await unlocked(world, await Caller.signsIn(world, origin, people.ada));
  const otto = await unlocked(world, await Caller.signsIn(world, origin, people.otto));
  const mona = await unlocked(world, await Caller.signsIn(world, origin, people.mona));
  const olga = await unlocked(world, await Caller.signsIn(world, origin, people.olga));
  const acme = await world.customer(must(people.theo.teamId));
  const other = await world.customer(must(people.otto.teamId), `Foreign ${randomUUID()}`);
  const foreign = [
    ...[other.id, other.contractId, people.otto.id, must(people.otto.teamId), otto.sessionId],
    ...[await appOf(world, people.otto), randomUUID()],
  ];
  const examples = await examplesOf(world, people, acme);
  return { theo, ada, otto, mona, olga, acme, other, foreign, examples };
}

/** As if the person had confirmed something in this session a moment ago. */
async function unlocked(world: World, caller: Caller): Promise<Caller> {
  await world.database.insert(evidence).values({
    userId: caller.person.id,
    sessionId: caller.sessionId,
    lockEpoch: 0,
    factor: "totp",
    authenticatorId: await appOf(world, caller.person),
    action: "customer.edit",
    digest: "",
  });
  return caller;
}

async function appOf(world: World, { id }: MadePerson): Promise<string> {
  const [row] = await world.database.select().from(authenticators).where(eq(authenticators.userId, id));
  return must(row).id;
}

async function examplesOf(
  world: World,
  { theo, ada }: { theo: MadePerson; ada: MadePerson },
  acme: MadeCustomer,
): Promise<Record<string, Example>> {
  const fields = {
    name: "Acme GmbH",
    email: "info@acme.example",
    phone: "+49 40 123456",
    street: "Hafenstraße 1",
    city: "Hamburg",
    postalCode: "20457",
    country: "DE",
  };
  const enrolmentId = randomUUID();
  const authenticatorId = await appOf(world, theo);
  const invitation = tokenOf(await world.invitation(ada));
  const [invited] = await world.database.select().from(links).where(eq(links.purpose, "invitation"));
  const invitationId = must(invited).id;
  const reset = await world.database.transaction((tx) =>
    openLink(tx, { purpose: "reset-password", personId: ada.id, lifetimeMinutes: 30 }),
  );
  const password = "seven bridges over the Pregel";
  const { requestId, approvalId, ownApprovalId, setUp } = await administered(world, ada);
  const notMe = await world.notMeToken(await world.person({ name: "Nora Test" }));
  const policy = {
    actions: { "contract.view": { maxAgeSeconds: 300 } },
    factors: {},
    signIn: "never",
    enrolment: {},
  };
  const inPolicy = [...Object.keys(policy), "contract.view", "maxAgeSeconds"];
  const reason = "A reason of more than ten characters";
  const asTheo = (input: Json, answer: string, optional?: string[]): Example => ({
    by: "theo",
    input,
    answer,
    ...(optional ? { optional } : {}),
  });
  const asAda = (input: Json, answer: string, optional?: string[]): Example => ({
    by: "ada",
    input,
    answer,
    ...(optional ? { optional } : {}),
  });
  const asNobody = (input: Json, answer: string): Example => ({ by: "nobody", input, answer });
  return {
    viewContract: asTheo({ customerId: acme.id, contractId: acme.contractId }, "done"),
    // Nothing was confirmed for exactly its input yet: there is no receipt to unlock.
    downloadReceipt: asTheo({ customerId: acme.id, eventId: acme.id }, "forbidden"),
    beginEdit: asTheo({ customerId: acme.id }, "done"),
    editCustomer: asTheo({ customerId: acme.id, version: 1, fields }, "done"),
    createCustomer: asTheo({ teamId: must(theo.teamId), fields }, "done"),
    changeBankDetails: asTheo(
      {
        customerId: acme.id,
        version: 1,
        bankDetails: { accountHolder: "Acme GmbH", iban: "GB82WEST12345698765432" },
      },
      "step-up-required",
    ),
    askForHelp: asTheo({ action: "customer.edit" }, "done"),
    generateRecoveryCodes: asTheo({}, "step-up-required"),
    renameFactor: asTheo({ authenticatorId, name: "Old phone" }, "done"),
    removeFactor: asTheo({ authenticatorId }, "step-up-required"),
    openFirstEnrolment: asTheo({}, "forbidden"),
    openEnrolment: asTheo({ factor: "totp", replaces: null }, "step-up-required", ["replaces"]),
    confirmMailedCode: asTheo({ enrolmentId, code: "123456" }, "done"),
    activateAuthenticatorApp: asTheo({ enrolmentId, code: "123456", name: "Phone" }, "invalid"),
    activatePasskey: asTheo({ enrolmentId, response: "{}" }, "invalid"),
    sendEnrolmentCode: asTheo({ enrolmentId, factor: "sms-code", number: "+4917012345678" }, "invalid"),
    activateSentCodes: asTheo({ enrolmentId, factor: "sms-code", code: "123456" }, "invalid"),
    changePassword: asTheo({ current: "correct horse battery", next: password }, "step-up-required"),
    changeEmail: asTheo({ email: "theo.new@test.example" }, "step-up-required"),
    cancelEmailChange: asTheo({}, "done"),
    endSessions: asTheo({ which: "others" }, "done"),
    sendCode: asTheo({ token: "v1.k1.aaaa.bbbb", authenticatorId }, "forbidden"),
    cancelPrompt: asTheo({ token: "v1.k1.aaaa.bbbb" }, "forbidden"),
    inviteColleague: asAda(
      { name: "Bob Test", email: "bob@test.example", role: "employee", team: "North", reason: "" },
      "step-up-required",
      ["reason"],
    ),
    resendInvitation: asAda({ invitationId }, "step-up-required"),
    revokeInvitation: asAda({ invitationId }, "step-up-required"),
    previewPolicy: asAda({ document: policy }, "done", inPolicy),
    changePolicy: asAda({ document: policy, basedOn: 0, reason }, "step-up-required", inPolicy),
    changeFactors: asAda({ factor: "recovery-code", on: false, basedOn: 0, reason }, "step-up-required"),
    // Nobody confirmed anything in a row of this id.
    downloadRowReceipt: asAda({ eventId: acme.id }, "forbidden"),
    exportAudit: asAda(
      {
        filter: { q: "", person: "", action: "", record: "", outcome: "", factor: "", from: "", until: "" },
        format: "csv",
      },
      "step-up-required",
    ),
    // Mails reach somebody here: the tests' own server.
    sendTrial: asAda({ factor: "email-code", number: null }, "step-up-required"),
    confirmTrial: asAda({ factor: "email-code", code: "123456" }, "done"),
    askToReset: asAda(
      { personId: theo.id, email: null, reason: "They called from the office" },
      "step-up-required",
      ["email"],
    ),
    changeRole: asAda(
      { personId: theo.id, role: "manager", team: "", customersTo: null, reason: "" },
      "step-up-required",
      ["customersTo", "reason"],
    ),
    disableUser: asAda(
      { personId: theo.id, customersTo: null, invitations: "take-back" },
      "step-up-required",
      ["customersTo", "invitations"],
    ),
    // Open already: there is nothing to enable.
    enableUser: asAda({ personId: theo.id, reason: "" }, "invalid", ["reason"]),
    endSessionsOf: asAda({ personId: theo.id, which: "all" }, "step-up-required"),
    answerHelp: asAda({ requestId }, "step-up-required"),
    approve: asAda({ approvalId }, "step-up-required"),
    decline: asAda({ approvalId, reason: "They did not call anybody" }, "step-up-required"),
    withdraw: asAda({ approvalId: ownApprovalId }, "step-up-required"),
    lookAtSetUp: asNobody({ token: setUp }, "done"),
    openSetUp: asTheo({ token: setUp }, "invalid"),
    lookAtInvitation: asNobody({ token: invitation }, "done"),
    acceptInvitation: asNobody({ token: invitation, name: "Bob Test", password }, "done"),
    requestReset: asNobody({ email: theo.email }, "done"),
    completeReset: asNobody({ token: tokenOf(reset.url), password }, "done"),
    lookAtNotMe: asNobody({ token: notMe }, "done"),
    notMe: asNobody({ token: notMe }, "done"),
    confirmEmail: asNobody({ token: "x".repeat(43) }, "invalid"),
    removeTrustedDevices: asTheo({ which: "all" }, "done"),
    finishSignIn: asTheo({ trustDevice: false }, "step-up-required"),
    lockNow: asTheo({}, "done"),
    signOut: asTheo({}, "done"),
  };
}

/** What an administrator finds to decide and to answer: about somebody else, asked for by another one and by herself. */
async function administered(world: World, ada: MadePerson) {
  const about = await world.person({ name: "Frida Test", app: true });
  const alan = await world.person({ name: "Alan Test", role: "administrator", teamId: null, app: true });
  const other = await world.person({ name: "Fabian Test", app: true });
  const [request] = await world.database
    .insert(helpRequests)
    .values({ personId: about.id, action: "customer.edit" })
    .returning({ id: helpRequests.id });
  const { url } = await world.database.transaction((tx) =>
    openLink(tx, { purpose: "set-up-factor", personId: about.id, lifetimeMinutes: 30 }),
  );
  return {
    requestId: must(request).id,
    approvalId: await askedForReset(world, about, alan),
    ownApprovalId: await askedForReset(world, other, ada),
    setUp: tokenOf(url),
  };
}

/** A reset of somebody's factors that an administrator has asked for; its id. */
export async function askedForReset(world: World, about: MadePerson, askedBy: MadePerson): Promise<string> {
  const row = {
    kind: "reset-factors",
    subject: about.id,
    input: { personId: about.id, email: null },
    reason: "They called from the office",
    askedBy: askedBy.id,
    expiresAt: sql`now() + interval '7 days'`,
  };
  const [made] = await world.database.insert(approvals).values(row).returning({ id: approvals.id });
  return must(made).id;
}

function tokenOf(link: string): string {
  return must(link.split("#")[1]);
}
