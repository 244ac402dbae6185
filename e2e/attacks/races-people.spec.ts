import { eq, isNull, sql } from "drizzle-orm";
import { approvals } from "@/db/schema/approvals";
import { auditEvents } from "@/db/schema/audit";
import { people } from "@/db/schema/people";
import { policyVersions } from "@/db/schema/policy";
import { sessions } from "@/db/schema/sessions";
import { SoftwareAuthenticator } from "@/lib/step-up/factors/passkey/software-authenticator";
import { Installation } from "../fixtures/installation";
import { expect, test } from "../fixtures/test";
import { type MadePerson, must } from "../fixtures/world";
import { actionRequest, Caller } from "./caller";
import * as race from "./contestants";
import { askedForReset } from "./examples";
import { type Answer, type Sent, send, sendTogether } from "./wire";

/*
 * Fifty at once where people are administered, invited and signed in (threats.md 3, 20, 27): each with a session, a
 * challenge and an assertion of its own wherever there can be one, so that nothing but the act itself stops the second.
 */
test.describe.configure({ mode: "serial", timeout: 600_000 });

type Administrator = { person: MadePerson; device: SoftwareAuthenticator };

type Offer = { enrolmentId: string; passkey: { creation: { challenge: string } } };

let app: Installation;
let readUpTo = 0;
let ada: Administrator;
let alan: Administrator;
let carol: Administrator;

test.beforeAll(async () => {
  app = await Installation.open();
  [ada, alan, carol] = [
    await administrator("Ada"),
    await administrator("Alan"),
    await administrator("Carol"),
  ];
});
test.afterAll(() => app?.stop());
test.afterEach(() => {
  const told = app.log.slice(readUpTo);
  readUpTo = app.log.length;
  expect(race.unexpected(told)).toEqual([]);
});

async function administrator(name: string): Promise<Administrator> {
  const person = await app.world.person({ name: `${name} Test`, role: "administrator", teamId: null });
  return { person, device: await app.world.passkey(person) };
}

const sessionOf = (person: MadePerson) => Caller.signsIn(app.world, app.url, person);
const times = (count: number) => Array.from({ length: count }, (_, index) => index);

/** So many calls of an administrator, each from a session of its own and signed for exactly this. */
async function calls(
  { person, device }: Administrator,
  count: number,
  action: string,
  input: unknown,
): Promise<Sent[]> {
  const ready: Sent[] = [];
  for (const _ of times(count)) ready.push(await race.signed(device, await sessionOf(person), action, input));
  return ready;
}

async function together(requests: Sent[]): Promise<Record<string, number>> {
  return race.statusesOf(await sendTogether(app.url, requests));
}

/** What the log says was allowed, of this action, about this record. */
function allowed(action: string, about: string): Promise<number> {
  return app.world.database.$count(
    auditEvents,
    sql`${auditEvents.action} = ${action} and ${auditEvents.outcome} = 'allowed'
      and (${auditEvents.recordId} = ${about} or ${auditEvents.detail}->>'approval' = ${about})`,
  );
}

test("a request is approved once by two administrators who press fifty times", async () => {
  const frida = await app.world.person({ name: "Frida Test", app: true });
  const approvalId = await askedForReset(app.world, frida, carol.person);
  const requests = [
    ...(await calls(ada, 25, "approve", { approvalId })),
    ...(await calls(alan, 25, "approve", { approvalId })),
  ];
  const statuses = await together(requests);
  expect(statuses).toMatchObject({ done: 1 });
  expect(race.refused(statuses, "invalid", "forbidden")).toBe(49);
  expect(await allowed("admin.approve", approvalId)).toBe(1);
});

test("of approving, declining and withdrawing one request at once, one happens", async () => {
  const frida = await app.world.person({ name: "Frida Test", app: true });
  const approvalId = await askedForReset(app.world, frida, carol.person);
  const reason = "They did not call anybody";
  const requests = [
    ...(await calls(ada, 17, "approve", { approvalId })),
    ...(await calls(alan, 17, "decline", { approvalId, reason })),
    ...(await calls(carol, 16, "withdraw", { approvalId })),
  ];
  const statuses = await together(requests);
  expect(statuses).toMatchObject({ done: 1 });
  expect(race.refused(statuses, "invalid", "forbidden")).toBe(49);
  const { database } = app.world;
  const [settled] = await database.select().from(approvals).where(eq(approvals.id, approvalId));
  const [phone] = await app.world.authenticatorsOf(frida.id);
  expect(["approved", "declined", "withdrawn"]).toContain(settled?.outcome);
  expect(phone?.removedAt !== null).toBe(settled?.outcome === "approved");
});

test("of fifty policies on one version one comes into force, and the others hear of a conflict", async () => {
  const before = await app.world.database.$count(policyVersions);
  const input = {
    document: {
      actions: { "contract.view": { maxAgeSeconds: 300 } },
      factors: {},
      signIn: "never",
      enrolment: {},
    },
    basedOn: 0,
    reason: "Contracts are opened for a shorter time",
  };
  const requests = [
    ...(await calls(ada, 25, "changePolicy", input)),
    ...(await calls(alan, 25, "changePolicy", input)),
  ];
  const statuses = await together(requests);
  expect(statuses).toMatchObject({ done: 1 });
  expect(race.refused(statuses, "conflict", "invalid")).toBe(49);
  expect(await app.world.database.$count(policyVersions)).toBe(before + 1);
});

test("an exported log goes out once", async () => {
  const caller = await sessionOf(ada.person);
  const filter = { q: "", person: "", action: "", record: "", outcome: "", factor: "", from: "", until: "" };
  const unlocked = await send(
    app.url,
    await race.signed(ada.device, caller, "exportAudit", { filter, format: "csv" }),
  );
  caller.keeps(unlocked);
  const { data } = race.resultOf(unlocked) as unknown as { data: { token: string } };
  const get = (token: string, cookie = caller.cookie, method = "GET"): Sent => ({
    method,
    path: "/admin/audit/export",
    head: [`keyturn-download: ${token}`, `Cookie: ${cookie}`],
  });
  const status = async (sent: Sent) => (await send(app.url, sent)).status;
  // Neither a broken token, nor another administrator or another session of hers, takes it.
  expect(await status(get("x"))).toBe(403);
  expect(await status(get("x".repeat(43)))).toBe(403);
  expect(await status(get(data.token, (await sessionOf(alan.person)).cookie))).toBe(403);
  expect(await status(get(data.token, (await sessionOf(ada.person)).cookie))).toBe(403);
  const answers = await sendTogether(
    app.url,
    times(50).map(() => get(data.token)),
  );
  expect(race.tally(answers.map((answer: Answer) => String(answer.status)))).toEqual({ 200: 1, 403: 49 });
  // HEAD is no way to take or spend it.
  expect(await status(get(data.token, caller.cookie, "HEAD"))).toBe(405);
});

test("one link sets up one authenticator, over ten sessions", async () => {
  const erin = await app.world.person({ name: "Erin Test" });
  const token = await app.world.setUpToken(erin);
  const requests: Sent[] = [];
  for (const _ of times(10)) {
    const caller = await sessionOf(erin);
    const opened = race.resultOf(await send(app.url, caller.call("openSetUp", { token })));
    const { enrolmentId, passkey } = (opened as unknown as { data: Offer }).data;
    for (const _ of times(5)) {
      const made = new SoftwareAuthenticator().register({
        challenge: Buffer.from(passkey.creation.challenge, "base64url"),
        rpId: "localhost",
        origin: app.url,
      });
      requests.push(caller.call("activatePasskey", { enrolmentId, response: JSON.stringify(made) }));
    }
  }
  const statuses = await together(requests);
  expect(statuses).toMatchObject({ done: 1 });
  expect(race.refused(statuses, "invalid", "signed-out", "session-renewed")).toBe(49);
  expect(await app.world.authenticatorsOf(erin.id)).toHaveLength(1);
});

test("one invitation makes one account", async () => {
  const token = must((await app.world.invitation(ada.person)).split("#")[1]);
  const before = await app.world.database.$count(people);
  const requests = times(50).map((index) =>
    actionRequest(
      app.url,
      "acceptInvitation",
      JSON.stringify([{ token, name: `Bob ${index}`, password: "seven bridges over the Pregel" }]),
    ),
  );
  const statuses = await together(requests);
  expect(statuses).toMatchObject({ done: 1 });
  expect(race.refused(statuses, "invalid")).toBe(49);
  expect(await app.world.database.$count(people)).toBe(before + 1);
});

test("one code finishes one sign-in of five that wait, and opens no other", async () => {
  const theo = await app.world.person({ name: "Theo Test", app: true });
  const answer = { code: await app.world.code(must(theo.seed)) };
  const requests: Sent[] = [];
  for (const _ of times(5)) {
    const caller = await Caller.signsIn(app.world, app.url, theo, ["always"]);
    for (const __ of times(10))
      requests.push(await race.proved(caller, "finishSignIn", { trustDevice: true }, "totp", answer));
  }
  const statuses = await together(requests);
  expect(statuses).toMatchObject({ done: 1 });
  expect(
    race.refused(
      statuses,
      "proof-rejected",
      "rate-limited",
      "session-renewed",
      "step-up-required",
      "signed-out",
    ),
  ).toBe(49);
  const open = app.world.database.$count(
    sessions,
    sql`${eq(sessions.personId, theo.id)} and ${isNull(sessions.awaits)}`,
  );
  expect(await open).toBe(1);
});
