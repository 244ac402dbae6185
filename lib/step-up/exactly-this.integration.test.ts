import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { customers } from "@/db/schema/customers";
import { testDatabases } from "@/db/testing";
import { beginEdit } from "@/lib/customers/begin-edit";
import { changeBankDetails } from "@/lib/customers/change-bank-details";
import { createCustomer } from "@/lib/customers/create-customer";
import { editCustomer } from "@/lib/customers/edit-customer";
import { lockNow } from "@/lib/security/session-commands";
import { bankChange, challengeOf, edit, fieldsOf, ibans, World } from "@/lib/testing/pipeline";

describe.each(testDatabases.map(({ name }) => name))("a proof for exactly this on %s", (kind) => {
  let world: World;
  /** The change of bank details, whose save breaks while this is set. */
  let broken = false;
  const breakable = {
    ...changeBankDetails,
    run: async (...args: Parameters<typeof changeBankDetails.run>) => {
      const ran = await changeBankDetails.run(...args);
      if (broken) throw new Error("The save broke");
      return ran;
    },
  };
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  const bankOf = async (id: string) => {
    const { iban, accountHolder, version } = await world.customerRow(id);
    return { iban, accountHolder, version };
  };
  const untouched = { iban: null, accountHolder: null, version: 1 };

  it("is asked for although the session has just been unlocked", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const acme = await world.customer();
    await browser.stepsUp(beginEdit, { customerId: acme.id });
    const asked = await browser.calls(changeBankDetails, bankChange(acme));
    expect(challengeOf(asked)).toMatchObject({
      binding: "input",
      reasons: [{ code: "needs-factor", binding: "input" }, { code: "exactly-this" }],
      prompt: {
        changes: [
          { label: "Account holder", from: "none", to: "Acme GmbH" },
          { label: "IBAN", from: "none" },
        ],
      },
    });
    expect(await bankOf(acme.id)).toEqual(untouched);
    await theo.waitsForTheNextCode();
    const done = await browser.calls(changeBankDetails, bankChange(acme), {
      proof: await browser.answersWithCode(asked),
    });
    expect(done.status).toBe("done");
    expect(await bankOf(acme.id)).toEqual({ iban: ibans.first, accountHolder: "Acme GmbH", version: 2 });
  });

  it("names the old account masked only", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer({ iban: ibans.first, accountHolder: "Acme GmbH" });
    const asked = await browser.calls(changeBankDetails, bankChange(acme, ibans.second));
    expect(challengeOf(asked).prompt.changes).toEqual([
      { label: "IBAN", from: "DE•• •••• •••• •••• ••30 00", to: "GB82 WEST 1234 5698 7654 32" },
    ]);
  });

  it("pays for one IBAN and no other, for one holder and no other", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    const proof = await browser.answersWithCode(
      await browser.calls(changeBankDetails, bankChange(acme, ibans.first)),
    );
    const before = await world.spent();
    for (const swapped of [bankChange(acme, ibans.second), bankChange(acme, ibans.first, "Mallory")]) {
      expect(await browser.calls(changeBankDetails, swapped, { proof })).toMatchObject({
        status: "step-up-required",
        replaced: "changed",
      });
    }
    expect(await world.spent()).toEqual(before);
    expect(await bankOf(acme.id)).toEqual(untouched);
  });

  it("pays for no other record of an equal version", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const [acme, twin] = [await world.customer(), await world.customer()];
    const proof = await browser.answersWithCode(await browser.calls(changeBankDetails, bankChange(acme)));
    expect(await browser.calls(changeBankDetails, bankChange(twin), { proof })).toMatchObject({
      replaced: "foreign",
    });
    expect(await bankOf(twin.id)).toEqual(untouched);
  });

  it("pays once: the same change again is asked for again", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    expect((await browser.stepsUp(changeBankDetails, bankChange(acme))).status).toBe("done");
    const back = bankChange({ ...acme, version: 2 });
    expect((await browser.calls(changeBankDetails, back)).status).toBe("step-up-required");
    await world.rows(
      sql`update customers set version = 1, iban = null, account_holder = null where id = ${acme.id}`,
    );
    expect((await browser.calls(changeBankDetails, bankChange(acme))).status).toBe("step-up-required");
    expect(await bankOf(acme.id)).toEqual(untouched);
  });

  it("is left for 60 s by a failed save: a repeat saves once, without another proof", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    broken = true;
    expect((await browser.stepsUp(breakable, bankChange(acme))).status).toBe("failed");
    broken = false;
    expect(await bankOf(acme.id)).toEqual(untouched);
    // The grant is for this input, not for another one.
    expect((await browser.calls(breakable, bankChange(acme, ibans.second))).status).toBe("step-up-required");
    const results = await Promise.all(
      Array.from({ length: 10 }, () => browser.calls(breakable, bankChange(acme))),
    );
    expect(results.filter((one) => one.status === "done")).toHaveLength(1);
    expect(await bankOf(acme.id)).toEqual({ iban: ibans.first, accountHolder: "Acme GmbH", version: 2 });
    expect(
      (await world.audit("customer.change-bank-details")).filter(
        (row) => row.sessionId === browser.sessionId && row.outcome === "allowed",
      ),
    ).toMatchObject([{ factor: "totp", authenticatorId: browser.person.authenticatorId, recordId: acme.id }]);
  });

  it("left by a failed save ends after 60 s", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    broken = true;
    await browser.stepsUp(breakable, bankChange(acme));
    broken = false;
    const [row] = await world.rows<{ s: number }>(
      sql`select extract(epoch from expires_at - created_at)::int as s from grants where session_id = ${browser.sessionId}`,
    );
    expect(row?.s).toBe(60);
    await world.rows(sql`update grants set expires_at = now() where session_id = ${browser.sessionId}`);
    expect((await browser.calls(breakable, bankChange(acme))).status).toBe("step-up-required");
    expect(await bankOf(acme.id)).toEqual(untouched);
  });

  it("left by a failed save ends with Lock now", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    broken = true;
    await browser.stepsUp(breakable, bankChange(acme));
    broken = false;
    await browser.calls(lockNow, {});
    expect((await browser.calls(breakable, bankChange(acme))).status).toBe("step-up-required");
  });

  it("left by a failed save is worth nothing under the predecessor's cookie or in another session", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const stolen = browser.copy();
    const acme = await world.customer();
    broken = true;
    await browser.stepsUp(breakable, bankChange(acme));
    broken = false;
    expect((await stolen.calls(breakable, bankChange(acme))).status).toBe("step-up-required");
    expect((await (await theo.signsIn()).calls(breakable, bankChange(acme))).status).toBe("step-up-required");
    expect(await bankOf(acme.id)).toEqual(untouched);
  });

  it("left by a failed save does not outlive a policy that no longer takes its factor", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const acme = await world.customer();
    broken = true;
    await browser.stepsUp(breakable, bankChange(acme));
    broken = false;
    await world.rows(
      sql`insert into authenticators (user_id, factor, name) values (${theo.id}, 'passkey', 'Key')`,
    );
    await world.policy({ "customer.change-bank-details": { factors: ["passkey"] } });
    const result = await browser.calls(breakable, bankChange(acme));
    await world.policy({});
    expect(result.status).toBe("step-up-required");
    expect(await bankOf(acme.id)).toEqual(untouched);
  });

  it("left by a failed save ends with the suspension of its authenticator", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const acme = await world.customer();
    broken = true;
    await browser.stepsUp(breakable, bankChange(acme));
    broken = false;
    await world.rows(sql`update authenticators set suspended_at = now() where user_id = ${theo.id}`);
    await theo.hasAnAuthenticatorApp();
    expect((await browser.calls(breakable, bankChange(acme))).status).toBe("step-up-required");
    expect(await bankOf(acme.id)).toEqual(untouched);
  });

  it("ends with a conflict", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    const proof = await browser.answersWithCode(await browser.calls(changeBankDetails, bankChange(acme)));
    // Somebody saves another field: the prompt's words stay true, the version does not.
    await world.rows(sql`update customers set city = 'Jena', version = 2 where id = ${acme.id}`);
    const conflict = await browser.calls(changeBankDetails, bankChange(acme), { proof });
    expect(conflict).toMatchObject({ status: "conflict", current: { version: 2, iban: null } });
    expect(
      await world.count(
        sql`grants where session_id = ${browser.sessionId} and ended_at is not null and consumed_at is null`,
      ),
    ).toBe(1);
    await world.rows(sql`update customers set version = 1 where id = ${acme.id}`);
    expect((await browser.calls(changeBankDetails, bankChange(acme))).status).toBe("step-up-required");
    expect(await bankOf(acme.id)).toEqual(untouched);
  });

  it("is refused to an authenticator on probation, which says until when and still unlocks editing", async () => {
    const theo = await world.employee();
    await theo.hasAnAuthenticatorApp({ onProbation: true });
    const browser = await theo.signsIn();
    const acme = await world.customer();
    const refused = await browser.calls(changeBankDetails, bankChange(acme));
    expect(refused).toMatchObject({
      status: "forbidden",
      reasons: [{ code: "needs-factor" }, { code: "on-probation", authenticator: "Phone" }],
    });
    const until =
      refused.status === "forbidden" && refused.reasons[1]?.code === "on-probation"
        ? refused.reasons[1].until
        : "";
    expect(Date.parse(until) - (await world.now()).getTime()).toBeGreaterThan(23 * 3_600_000);
    expect((await browser.stepsUp(beginEdit, { customerId: acme.id })).status).toBe("done");
    expect((await browser.calls(changeBankDetails, bankChange(acme))).status).toBe("forbidden");
    await world.rows(sql`update authenticators set probation_until = now() where user_id = ${theo.id}`);
    await theo.waitsForTheNextCode();
    expect((await browser.stepsUp(changeBankDetails, bankChange(acme))).status).toBe("done");
  });
});

describe.each(testDatabases.map(({ name }) => name))("the guarded columns on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  it.each([
    { iban: ibans.second },
    { accountHolder: "Mallory" },
    { bankDetails: { iban: ibans.second, accountHolder: "Mallory" } },
    { version: 9 },
    { teamId: "x" },
  ])("are written by no other action: %j is invalid through edit and create", async (smuggled) => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer({ iban: ibans.first, accountHolder: "Acme GmbH" });
    await browser.stepsUp(beginEdit, { customerId: acme.id });
    const before = await world.customerRow(acme.id);
    const [all, spent] = [await world.count(sql`customers`), await world.spent()];
    const input = edit(acme, { city: "Kiel" });
    const attempts = [
      browser.calls(editCustomer, { ...input, fields: { ...input.fields, ...smuggled } }),
      browser.calls(beginEdit, { customerId: acme.id, ...smuggled }),
      browser.calls(createCustomer, { teamId: world.team, fields: { ...fieldsOf(), ...smuggled } }),
      browser.calls(changeBankDetails, { ...bankChange(acme), fields: smuggled }),
      ...("version" in smuggled || "teamId" in smuggled
        ? []
        : [
            browser.calls(editCustomer, { ...input, ...smuggled }),
            browser.calls(createCustomer, { teamId: world.team, fields: fieldsOf(), ...smuggled }),
          ]),
    ];
    for (const result of await Promise.all<{ status: string }>(attempts))
      expect(result.status).toBe("invalid");
    expect(await world.customerRow(acme.id)).toEqual(before);
    expect(await world.count(sql`customers`)).toBe(all);
    expect(await world.spent()).toEqual(spent);
  });

  it("keep their values through an edit", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer({ iban: ibans.first, accountHolder: "Acme GmbH" });
    await browser.stepsUp(editCustomer, edit(acme, { city: "Kiel" }));
    expect(await world.customerRow(acme.id)).toMatchObject({
      city: "Kiel",
      iban: ibans.first,
      accountHolder: "Acme GmbH",
      version: 2,
    });
  });

  it("are empty in a new customer", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const created = await browser.stepsUp(createCustomer, {
      teamId: world.team,
      fields: fieldsOf({ name: "New KG" }),
    });
    expect(created.status).toBe("done");
    const [row] = await world.database.select().from(customers).where(eq(customers.name, "New KG"));
    expect(row).toMatchObject({
      iban: null,
      accountHolder: null,
      accountManagerId: theo.id,
      teamId: world.team,
      version: 1,
    });
  });
});

describe.each(testDatabases.map(({ name }) => name))("a stale tab on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  it("gets a conflict with the record as it is, changes nothing, and leaves a row", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    await browser.stepsUp(beginEdit, { customerId: acme.id });
    expect((await browser.calls(editCustomer, edit(acme, { city: "Kiel" }))).status).toBe("done");
    const stale = await browser.calls(editCustomer, edit(acme, { city: "Jena", phone: "+49 40 1" }));
    expect(stale).toMatchObject({
      status: "conflict",
      current: { id: acme.id, version: 2, fields: { city: "Kiel" } },
    });
    expect(await world.customerRow(acme.id)).toMatchObject({ city: "Kiel", phone: "", version: 2 });
    expect(
      (await world.audit("customer.edit")).filter((row) => row.sessionId === browser.sessionId).at(-1),
    ).toMatchObject({
      outcome: "refused",
      recordId: acme.id,
      detail: { reason: "conflict" },
    });
  });

  it("saves once of 20 that save the same version in parallel", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    await browser.stepsUp(beginEdit, { customerId: acme.id });
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        browser.calls(editCustomer, edit(acme, { street: `Street ${n}` })),
      ),
    );
    expect(results.filter((one) => one.status === "done")).toHaveLength(1);
    expect(results.filter((one) => one.status === "conflict")).toHaveLength(19);
    expect((await world.customerRow(acme.id)).version).toBe(2);
  });

  it("cannot save a version that does not exist yet", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    await browser.stepsUp(beginEdit, { customerId: acme.id });
    expect(
      (await browser.calls(editCustomer, edit({ id: acme.id, version: 2 }, { city: "Kiel" }))).status,
    ).toBe("conflict");
    // More than the column holds: PostgreSQL would refuse the comparison itself.
    for (const version of [2 ** 31, Number.MAX_SAFE_INTEGER]) {
      expect((await browser.calls(editCustomer, edit({ id: acme.id, version }))).status).toBe("invalid");
    }
    expect((await world.customerRow(acme.id)).version).toBe(1);
  });
});
