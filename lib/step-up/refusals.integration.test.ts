import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { macOf } from "@/lib/audit/stored";
import { viewContract } from "@/lib/contracts/view-contract";
import { beginEdit } from "@/lib/customers/begin-edit";
import { changeBankDetails } from "@/lib/customers/change-bank-details";
import { createCustomer } from "@/lib/customers/create-customer";
import { editCustomer } from "@/lib/customers/edit-customer";
import { cancelPrompt } from "@/lib/security/cancel-prompt";
import {
  activateAuthenticatorApp,
  activatePasskey,
  openEnrolment,
  openFirstEnrolment,
} from "@/lib/security/enrol";
import { lockNow, signOut } from "@/lib/security/session-commands";
import { type Browser, bankChange, edit, fieldsOf, testSecrets, World } from "@/lib/testing/pipeline";

describe.each(testDatabases.map(({ name }) => name))("who may not, on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  const rowsOf = async (browser: Browser) =>
    (await world.audit()).filter((row) => row.sessionId === browser.sessionId);

  /** Every act on a customer, as one person tries it. */
  async function triesEverything(
    browser: Browser,
    customer: { id: string; version: number },
    teamId: string,
  ) {
    const contract = await world.contract(customer.id);
    const customerId = customer.id;
    return [
      await browser.calls(beginEdit, { customerId }),
      await browser.calls(editCustomer, edit(customer, { city: "Kiel" })),
      await browser.calls(changeBankDetails, bankChange(customer)),
      await browser.calls(viewContract, { customerId, contractId: contract.id }),
      await browser.calls(createCustomer, { teamId, fields: fieldsOf({ name: "Sneaked in" }) }),
    ];
  }

  it.each([
    ["an employee of another team", async () => world.employee({ totp: true, team: await world.newTeam() })],
    ["an employee without a team", () => world.employee({ totp: true, team: null })],
    ["an administrator", () => world.administrator({ totp: true })],
  ])(
    "%s is refused every act on a customer, unlocked or not, and each refusal is a row",
    async (_who, make) => {
      const someone = await make();
      const browser = await someone.signsIn();
      const acme = await world.customer();
      // Whatever unlocks the session elsewhere gives no access here.
      await world.rows(sql`insert into evidence (user_id, session_id, lock_epoch, factor, authenticator_id, action, digest)
      values (${someone.id}, ${browser.sessionId}, 0, 'totp', ${someone.authenticatorId}, 'customer.edit', '')`);
      const results = await triesEverything(browser, acme, world.team);
      for (const result of results)
        expect(result).toEqual({
          status: "forbidden",
          message: "This doesn't exist, or isn't yours to see.",
          reasons: [],
        });
      expect(await world.customerRow(acme.id)).toMatchObject({ city: "Hamburg", version: 1, iban: null });
      expect(await world.count(sql`customers where name = 'Sneaked in'`)).toBe(0);
      const rows = await rowsOf(browser);
      expect(new Set(rows.map(({ action }) => action))).toEqual(
        new Set(["customer.edit", "customer.change-bank-details", "contract.view", "customer.create"]),
      );
      for (const row of rows)
        expect(row).toMatchObject({ outcome: "refused", actorId: someone.id, detail: { reason: "access" } });
      expect(rows.find(({ action }) => action === "customer.edit")).toMatchObject({
        recordType: "customer",
        recordId: acme.id,
      });
    },
  );

  it("tells a record of another team and a record that isn't there in the same words", async () => {
    const browser = await (await world.employee({ totp: true, team: await world.newTeam() })).signsIn();
    const acme = await world.customer();
    const [theirs, nobodys] = [
      await browser.calls(beginEdit, { customerId: acme.id }),
      await browser.calls(beginEdit, { customerId: "00000000-0000-4000-8000-000000000000" }),
    ];
    expect(theirs).toEqual(nobodys);
  });

  it("a manager reaches every team", async () => {
    const browser = await (await world.manager({ totp: true, team: null })).signsIn();
    const acme = await world.customer({ teamId: await world.newTeam() });
    expect((await browser.stepsUp(editCustomer, edit(acme, { city: "Kiel" }))).status).toBe("done");
  });

  it("an employee who lost the record between the prompt and the proof changes nothing and spends nothing", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    const proof = await browser.answersWithCode(
      await browser.calls(editCustomer, edit(acme, { city: "Kiel" })),
    );
    await world.rows(sql`update customers set team_id = ${await world.newTeam()} where id = ${acme.id}`);
    const before = await world.spent();
    expect((await browser.calls(editCustomer, edit(acme, { city: "Kiel" }), { proof })).status).toBe(
      "forbidden",
    );
    expect(await world.spent()).toEqual(before);
  });

  it("a contract is not reached by the id of another customer", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const [own, foreign] = [await world.customer(), await world.customer({ teamId: await world.newTeam() })];
    const contract = await world.contract(foreign.id);
    for (const customerId of [own.id, foreign.id]) {
      expect((await browser.calls(viewContract, { customerId, contractId: contract.id })).status).toBe(
        "forbidden",
      );
    }
  });

  it("refusals of one session and action fold into a row a minute, each with a MAC that verifies", async () => {
    const browser = await (await world.employee({ totp: true, team: await world.newTeam() })).signsIn();
    const acme = await world.customer();
    for (let n = 0; n < 20; n++) await browser.calls(beginEdit, { customerId: acme.id });
    const rows = await rowsOf(browser);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ outcome: "refused", repeats: 20 });
    await expectToVerify(rows);
  });

  async function expectToVerify(rows: Awaited<ReturnType<typeof rowsOf>>) {
    for (const row of rows) expect(row.mac).toBe(macOf(row, testSecrets.auditKey));
  }
});

describe.each(testDatabases.map(({ name }) => name))("requests nobody's page sends, on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());
  afterEach(() => {
    world.failures.length = 0;
  });

  const everyCommand = [
    beginEdit,
    editCustomer,
    changeBankDetails,
    createCustomer,
    viewContract,
    lockNow,
    signOut,
    cancelPrompt,
    openFirstEnrolment,
    openEnrolment,
    activateAuthenticatorApp,
    activatePasskey,
  ] as unknown as (typeof beginEdit)[];

  it("from another site are refused before anything is read, counted or changed", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    const proof = await browser.answersWithCode(await browser.calls(beginEdit, { customerId: acme.id }));
    const [before, rows] = [await world.spent(), await world.count(sql`audit_events`)];
    browser.originAllowed = false;
    world.queries = [];
    const results = [
      await browser.calls(beginEdit, { customerId: acme.id }, { proof }),
      ...(await Promise.all(everyCommand.map((command) => browser.calls(command, {})))),
    ];
    expect(world.queries).toEqual([]);
    for (const result of results)
      expect(result).toEqual({
        status: "forbidden",
        message: "This request came from another site.",
        reasons: [],
      });
    expect([await world.spent(), await world.count(sql`audit_events`)]).toEqual([before, rows]);
  });

  it("without a session are signed out, whatever the action", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    browser.cookie = { ...browser.cookie, secret: "A".repeat(43) };
    for (const command of everyCommand)
      expect(await browser.calls(command, {})).toEqual({ status: "signed-out", because: "no-session" });
  });

  it("of any shape are answered, never thrown at, and change nothing", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const before = [await world.spent(), await world.count(sql`customers`)];
    await fc.assert(
      fc.asyncProperty(
        fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }),
        async (envelope) => {
          for (const command of everyCommand)
            expect((await browser.posts(command, envelope)).status).toBe("invalid");
        },
      ),
      { numRuns: 150 },
    );
    expect([await world.spent(), await world.count(sql`customers`)]).toEqual(before);
  });

  it("with an envelope that is nearly right are invalid", async () => {
    const browser = await (await world.employee()).signsIn();
    const right = { input: {}, callId: crypto.randomUUID(), person: browser.person.id };
    const proof = { token: "", factor: "totp", answer: {} };
    const wrong = [
      undefined,
      { ...right, role: "administrator" },
      { ...right, callId: "1" },
      { ...right, callId: undefined },
      { ...right, person: undefined },
      { ...right, proof: null },
      { ...right, proof: { ...proof, factor: "sms" } },
      { ...right, proof: { ...proof, factor: "__proto__" } },
      { ...right, proof: { ...proof, verified: true } },
      { ...right, proof: { ...proof, token: "x".repeat(4097) } },
    ];
    for (const envelope of wrong) expect((await browser.posts(lockNow, envelope)).status).toBe("invalid");
    expect((await browser.posts(lockNow, right)).status).toBe("done");
  });

  it("with any input are answered in data, and never run without a proof", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    const value = fc.oneof(
      fc.anything(),
      fc.constantFrom(acme.id, 1, "\u0000", "\ud800", "x".repeat(100_000)),
    );
    const gated = [
      beginEdit,
      editCustomer,
      changeBankDetails,
      createCustomer,
      viewContract,
      openFirstEnrolment,
      openEnrolment,
    ] as unknown as (typeof beginEdit)[];
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          value,
          fc.record(
            {
              customerId: value,
              version: value,
              fields: value,
              bankDetails: value,
              teamId: value,
              factor: value,
            },
            { requiredKeys: [] },
          ),
        ),
        async (input) => {
          for (const command of gated) {
            expect(["invalid", "forbidden", "step-up-required"]).toContain(
              (await browser.calls(command, input)).status,
            );
          }
        },
      ),
      { numRuns: 60 },
    );
    expect(world.failures).toEqual([]);
    expect((await world.customerRow(acme.id)).version).toBe(1);
  });

  it("with text that is no Unicode are invalid, also where any text may be typed", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const enrolmentId = crypto.randomUUID();
    for (const code of ["\ud800", "12\udfff3456"]) {
      const input = { enrolmentId, code, name: "Phone" };
      expect((await browser.calls(activateAuthenticatorApp, input)).status).toBe("invalid");
    }
    expect((await browser.calls(cancelPrompt, { token: "\ud800" })).status).toBe("invalid");
    expect(world.failures).toEqual([]);
  });

  it("with any answer to a challenge are answered in data, counted, and accepted never", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    await fc.assert(
      fc.asyncProperty(
        fc.anything(),
        fc.constantFrom("totp", "passkey", "password", "recovery-code"),
        async (answer, factor) => {
          await world.rows(sql`delete from code_attempts`);
          const asked = await browser.calls(beginEdit, { customerId: acme.id });
          const result = await browser.calls(
            beginEdit,
            { customerId: acme.id },
            { proof: browser.answers(asked, factor as "totp", answer) },
          );
          expect(["proof-rejected", "step-up-required"]).toContain(result.status);
        },
      ),
      { numRuns: 60 },
    );
    expect(world.failures).toEqual([]);
    expect(await world.count(sql`evidence where session_id = ${browser.sessionId}`)).toBe(0);
  });
});
