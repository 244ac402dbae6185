import { eq, isNotNull, sql } from "drizzle-orm";
import { customers } from "@/db/schema/customers";
import { passwordAttempts } from "@/db/schema/sessions";
import { enrolments, evidence, recoveryCodes, totpSteps } from "@/db/schema/step-up";
import { openLink } from "@/lib/links/links";
import { failuresOf as passwordBucket } from "@/lib/session/password-failures";
import { Installation } from "../fixtures/installation";
import { expect, test } from "../fixtures/test";
import { type MadeCustomer, type MadePerson, must } from "../fixtures/world";
import { Caller } from "./caller";
import * as race from "./contestants";
import { send, sendTogether } from "./wire";

/*
 * Fifty requests at once against the built app on PostgreSQL: what may happen once happens once, by what is in the
 * database and by what each of the fifty was answered. On an app of its own, since it is killed, too.
 */
test.describe.configure({ mode: "serial" });

const fifty = Array.from({ length: 50 }, (_, index) => index);
let app: Installation;
let readUpTo = 0;
let theo: MadePerson;
let acme: MadeCustomer;
let caller: Caller;

test.beforeAll(async () => {
  app = await Installation.open();
});
test.afterAll(() => app?.stop());
// Whoever lost was refused, and not by an error that nobody expected.
test.afterEach(() => {
  const told = app.log.slice(readUpTo);
  readUpTo = app.log.length;
  expect(race.unexpected(told)).toEqual([]);
});
test.beforeEach(async () => {
  theo = await app.world.person({ name: "Theo Test", app: true });
  acme = await app.world.customer(must(theo.teamId));
  caller = await Caller.signsIn(app.world, app.url, theo);
});

const ibans = { first: "GB82WEST12345698765432", second: "FR1420041010050500013M02606" };
const bankDetails = (customer: MadeCustomer, iban = ibans.first) => ({
  customerId: customer.id,
  version: 1,
  bankDetails: { accountHolder: "Acme GmbH", iban },
});
const fields = (city: string) => ({
  ...{ name: "Acme GmbH", email: "", phone: "", street: "", city, postalCode: "", country: "DE" },
});

/** Confirms an Edit click with a code: the session is unlocked for what is bound to it. */
async function unlocks(): Promise<void> {
  const answer = { code: await app.world.code(must(theo.seed)) };
  const request = await race.proved(caller, "beginEdit", { customerId: acme.id }, "totp", answer);
  const unlocked = await send(app.url, request);
  expect(race.resultOf(unlocked).status).toBe("done");
  caller.keeps(unlocked);
}

test("one TOTP code passes once, over five sessions and fifty records (threats.md 8)", async () => {
  const sessions = await Promise.all(fifty.slice(0, 5).map(() => Caller.signsIn(app.world, app.url, theo)));
  const customers = await Promise.all(fifty.map(() => app.world.customer(must(theo.teamId))));
  const answer = { code: await app.world.code(must(theo.seed)) };
  const requests = await Promise.all(
    customers.map((customer, index) =>
      race.proved(must(sessions[index % 5]), "changeBankDetails", bankDetails(customer), "totp", answer),
    ),
  );
  const statuses = race.statusesOf(await sendTogether(app.url, requests));
  expect(statuses).toMatchObject({ done: 1 });
  expect(race.refused(statuses, "proof-rejected", "rate-limited")).toBe(49);
  const rows = await Promise.all(customers.map(({ id }) => app.world.customerRow(id)));
  expect(rows.filter(({ version }) => version === 2)).toHaveLength(1);
  expect(await race.outcomesOf(app.world, theo, "customer.change-bank-details")).toBe(1);
});

test("one assertion of a passkey passes once, although it has no counter (threats.md 3)", async () => {
  const device = await app.world.passkey(theo);
  const challenge = await race.challengeFor(caller, "changeBankDetails", bankDetails(acme));
  const answer = race.asserts(device, caller, challenge);
  const proof = { token: challenge.token, factor: "passkey", answer };
  const requests = fifty.map(() => caller.call("changeBankDetails", bankDetails(acme), { proof }));
  const statuses = race.statusesOf(await sendTogether(app.url, requests));
  // Who comes after the change is asked anew, since another record would be confirmed, or told to take the new cookie.
  expect(statuses).toMatchObject({ done: 1 });
  expect(race.refused(statuses, "step-up-required", "session-renewed")).toBe(49);
  expect(await app.world.database.$count(evidence, eq(evidence.userId, theo.id))).toBe(1);
  expect(await app.world.customerRow(acme.id)).toMatchObject({ version: 2, iban: ibans.first });
  expect(await race.outcomesOf(app.world, theo, "customer.change-bank-details")).toBe(1);
});

test("one recovery code pays for one enrolment (threats.md 11)", async () => {
  const [code] = await app.world.recoveryCodes(theo.id);
  const input = { factor: "totp", replaces: null };
  const requests = await Promise.all(
    fifty.map(() => race.proved(caller, "openEnrolment", input, "recovery-code", { code })),
  );
  const statuses = race.statusesOf(await sendTogether(app.url, requests));
  expect(statuses).toMatchObject({ done: 1 });
  expect(race.refused(statuses, "proof-rejected", "rate-limited")).toBe(49);
  expect(await app.world.database.$count(enrolments, eq(enrolments.userId, theo.id))).toBe(1);
  const spent = app.world.database.$count(
    recoveryCodes,
    sql`${eq(recoveryCodes.userId, theo.id)} and ${isNotNull(recoveryCodes.usedAt)}`,
  );
  expect(await spent).toBe(1);
});

test("one grant that a failed save left pays for one change", async () => {
  const answer = { code: await app.world.code(must(theo.seed)) };
  const first = await race.proved(caller, "changeBankDetails", bankDetails(acme), "totp", answer);
  await race.savingFails(app.world, acme.id, async () => {
    const failed = await send(app.url, first);
    expect(race.resultOf(failed).status).toBe("failed");
    caller.keeps(failed);
  });
  const requests = fifty.map(() => caller.call("changeBankDetails", bankDetails(acme)));
  const statuses = race.statusesOf(await sendTogether(app.url, requests));
  expect(statuses).toMatchObject({ done: 1 });
  expect(Object.keys(statuses).sort().join()).toMatch(/^done(,failed|,forbidden|,step-up-required)+$/);
  expect((await app.world.customerRow(acme.id)).version).toBe(2);
  expect(await race.outcomesOf(app.world, theo, "customer.change-bank-details")).toBe(1);
});

test("one call id is one change, and each of fifty repeats hears of it (threats.md 7c)", async () => {
  await unlocks();
  const input = { teamId: theo.teamId, fields: fields("Kiel") };
  const request = caller.call("createCustomer", input);
  const answers = await sendTogether(
    app.url,
    fifty.map(() => request),
  );
  const told = answers.map((one) => JSON.stringify(race.resultOf(one)));
  expect(Object.values(race.tally(told))).toEqual([50]);
  expect(race.statusesOf(answers)).toEqual({ done: 50 });
  expect(await app.world.database.$count(customers, eq(customers.teamId, must(theo.teamId)))).toBe(2);
  expect(await race.outcomesOf(app.world, theo, "customer.create")).toBe(1);
});

for (const sessions of [1, 5]) {
  test(`fifty wrong codes over ${sessions} sessions are ten tries (threats.md 10)`, async () => {
    const callers = await Promise.all(
      fifty.slice(0, sessions).map(() => Caller.signsIn(app.world, app.url, theo)),
    );
    const answer = { code: await race.wrongCode(app.world, must(theo.seed)) };
    const input = bankDetails(acme);
    const requests = await Promise.all(
      fifty.map((index) =>
        race.proved(must(callers[index % sessions]), "changeBankDetails", input, "totp", answer),
      ),
    );
    expect(race.statusesOf(await sendTogether(app.url, requests))).toEqual({
      "proof-rejected": 10,
      "rate-limited": 40,
    });
    expect(await race.failuresOf(app.world, theo, "codes")).toBe(10);
  });
}

test("fifty wrong passwords are ten tries (threats.md 10)", async () => {
  const form = await send(app.url, { path: "/api/auth/csrf" });
  const { csrfToken } = JSON.parse(form.text) as { csrfToken: string };
  const cookie = [...form.head.matchAll(/set-cookie: ([^;]+)/gi)].map(([, one]) => one).join("; ");
  const head = [
    ...[`Origin: ${app.url}`, `Cookie: ${cookie}`],
    "Content-Type: application/x-www-form-urlencoded",
  ];
  const requests = fifty.map((index) => {
    const given = { email: theo.email, password: `wrong ${index}`, csrfToken, json: "true" };
    const body = new URLSearchParams(given).toString();
    return { method: "POST", path: "/api/auth/callback/credentials", head, body };
  });
  const answers = await sendTogether(app.url, requests);
  const errors = answers.map(({ text }) => /error=([\w-]+)/.exec(text)?.[1] ?? text);
  expect(race.tally(errors)).toEqual({ CredentialsSignin: 10, "rate-limited": 40 });
  const bucket = passwordBucket(theo.email, null);
  const [counted] = await app.world.database
    .select()
    .from(passwordAttempts)
    .where(eq(passwordAttempts.accountHash, bucket));
  expect(counted?.failures).toBe(10);
});

test("a mailed reset is spent once (threats.md 19)", async () => {
  const { url } = await app.world.database.transaction((tx) =>
    openLink(tx, { purpose: "reset-password", personId: theo.id, lifetimeMinutes: 30 }),
  );
  const token = must(url.split("#")[1]);
  const requests = fifty.map((index) => {
    const input = { token, password: `seven bridges over the Pregel ${index}` };
    return { ...caller.call("completeReset", {}), body: JSON.stringify([input]) };
  });
  expect(race.statusesOf(await sendTogether(app.url, requests))).toEqual({ done: 1, invalid: 49 });
  expect(await race.outcomesOf(app.world, theo, "reset.complete")).toBe(1);
});

test("of fifty edits of one version one is saved, and the others hear of a conflict", async () => {
  await unlocks();
  const requests = fifty.map((index) =>
    caller.call("editCustomer", { customerId: acme.id, version: 1, fields: fields(`City ${index}`) }),
  );
  expect(race.statusesOf(await sendTogether(app.url, requests))).toEqual({ done: 1, conflict: 49 });
  expect((await app.world.customerRow(acme.id)).version).toBe(2);
});

test("ten wrong codes are remembered by an app that was killed right after its answer (threats.md 9)", async () => {
  const answer = { code: await race.wrongCode(app.world, must(theo.seed)) };
  for (const _ of fifty.slice(0, 10)) {
    const sent = await race.proved(caller, "changeBankDetails", bankDetails(acme), "totp", answer);
    expect(race.resultOf(await send(app.url, sent)).status).toBe("proof-rejected");
  }
  await app.crashes();
  await app.startsAgain();
  expect(await race.failuresOf(app.world, theo, "codes")).toBe(10);
  const right = { code: await app.world.code(must(theo.seed)) };
  const sent = await race.proved(caller, "changeBankDetails", bankDetails(acme), "totp", right);
  expect(race.resultOf(await send(app.url, sent)).status).toBe("rate-limited");
  expect(await app.world.database.$count(totpSteps, eq(totpSteps.userId, theo.id))).toBe(0);
});

test("a wrong code is remembered by an app that was killed before it answered (threats.md 9)", async () => {
  await app.world.passkey(theo);
  const answer = { code: await race.wrongCode(app.world, must(theo.seed)) };
  const sent = await race.proved(caller, "beginEdit", { customerId: acme.id }, "totp", answer);
  // The next challenge, which the answer carries, needs the passkeys: the app waits there with the try counted.
  await app.world.database.transaction(async (tx) => {
    await tx.execute(sql`lock table passkeys in access exclusive mode`);
    const answered = send(app.url, sent);
    await expect.poll(() => race.failuresOf(app.world, theo, "codes")).toBe(1);
    await app.crashes();
    expect((await answered).status).toBe(0);
  });
  await app.startsAgain();
  expect(await race.failuresOf(app.world, theo, "codes")).toBe(1);
});
