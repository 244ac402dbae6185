import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { testDatabases } from "@/db/testing";
import { defineCommand } from "@/lib/command";
import { viewContract } from "@/lib/contracts/view-contract";
import { beginEdit } from "@/lib/customers/begin-edit";
import { changeBankDetails } from "@/lib/customers/change-bank-details";
import { editCustomer } from "@/lib/customers/edit-customer";
import { type Browser, bankChange, challengeOf, edit, World } from "@/lib/testing/pipeline";
import { consumeGrant } from "./grant";

/** A save that breaks after the proof was accepted: the database fell over, say. */
const breakingEdit = defineCommand({
  name: "customer.edit",
  input: z.strictObject({ customerId: z.uuid() }),
  subject: async (_read, _person, { customerId }) => ({ id: customerId }),
  record: ({ id }) => ({ type: "customer", id, version: null }),
  prompt: () => ({ purpose: "to break", verb: "Break", changes: [] }),
  async run(tx, grant, { customerId }) {
    await consumeGrant(tx, grant, "customer.edit", customerId);
    throw new Error("The save broke");
  },
});

describe.each(testDatabases.map(({ name }) => name))("codes and their budget on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  const failuresOf = (browser: Browser) =>
    world
      .rows<{ n: number }>(
        sql`select coalesce(sum(failures), 0)::int as n from code_attempts where user_id = ${browser.person.id}`,
      )
      .then(([row]) => row?.n ?? 0);

  async function guesses(browser: Browser, customerId: string, times: number) {
    let result = await browser.calls(beginEdit, { customerId });
    const code = await browser.person.wrongCode();
    for (let n = 0; n < times; n++) {
      result = await browser.calls(
        beginEdit,
        { customerId },
        { proof: await browser.answersWithCode(result, code) },
      );
    }
    return result;
  }

  it("counts a wrong code, says how many tries are left, and hands out a usable new challenge", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    const refused = await browser.calls(editCustomer, edit(acme, { city: "Kiel" }));
    const proof = await browser.answersWithCode(refused, await browser.person.wrongCode());
    const wrong = await browser.calls(editCustomer, edit(acme, { city: "Kiel" }), { proof });
    expect(wrong).toMatchObject({ status: "proof-rejected", factor: "totp", reason: "wrong", triesLeft: 9 });
    expect(challengeOf(wrong).token).not.toBe(proof.token);
    expect(await failuresOf(browser)).toBe(1);
    const right = await browser.calls(editCustomer, edit(acme, { city: "Kiel" }), {
      proof: await browser.answersWithCode(wrong),
    });
    expect(right.status).toBe("done");
    expect(await failuresOf(browser)).toBe(0);
  });

  it.each([
    ["letters", { code: "abcdef" }],
    ["nothing", { code: "" }],
    ["a text", "123456"],
    ["a number", { code: 123456 }],
    ["another member", { code: "123456", trusted: true }],
    ["null", null],
  ])("takes %s for a wrong code that counts, never for an error", async (_what, answer) => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    const refused = await browser.calls(beginEdit, { customerId: acme.id });
    const result = await browser.calls(
      beginEdit,
      { customerId: acme.id },
      { proof: browser.answers(refused, "totp", answer) },
    );
    expect(result).toMatchObject({ status: "proof-rejected", reason: "wrong" });
    expect(await failuresOf(browser)).toBe(1);
  });

  it("answers a nonce once: the same proof again proves nothing, for this input and for another", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    const refused = await browser.calls(beginEdit, { customerId: acme.id });
    const proof = await browser.answersWithCode(refused, await browser.person.wrongCode());
    await browser.calls(beginEdit, { customerId: acme.id }, { proof });
    const again = await browser.calls(
      beginEdit,
      { customerId: acme.id },
      { proof: { ...proof, answer: { code: await browser.person.code() } } },
    );
    expect(again).toMatchObject({ status: "step-up-required", replaced: "answered" });
    expect(await failuresOf(browser)).toBe(1);
  });

  it("passes one step once across two sessions and two kinds of action", async () => {
    const theo = await world.employee({ totp: true });
    const [desk, phone] = [await theo.signsIn(), await theo.signsIn()];
    const acme = await world.customer();
    const contract = await world.contract(acme.id);
    const code = await theo.code();
    const [first, second] = [
      await desk.calls(beginEdit, { customerId: acme.id }),
      await phone.calls(viewContract, { customerId: acme.id, contractId: contract.id }),
    ];
    const passed = await desk.calls(
      beginEdit,
      { customerId: acme.id },
      { proof: await desk.answersWithCode(first, code) },
    );
    expect(passed.status).toBe("done");
    const used = await phone.calls(
      viewContract,
      { customerId: acme.id, contractId: contract.id },
      { proof: await phone.answersWithCode(second, code) },
    );
    expect(used).toMatchObject({ status: "proof-rejected", reason: "used" });
    expect(used.status === "proof-rejected" && used.retryAfterSeconds).toBeGreaterThan(0);
    const third = await desk.calls(changeBankDetails, bankChange(acme));
    const bank = await desk.calls(changeBankDetails, bankChange(acme), {
      proof: await desk.answersWithCode(third, code),
    });
    expect(bank).toMatchObject({ status: "proof-rejected", reason: "used" });
    expect(await world.customerRow(acme.id)).toMatchObject({ iban: null, version: 1 });
  });

  const spellings: [string, (code: string) => string][] = [
    ["padded", (code) => `  ${code}\n`],
    ["spaced", (code) => `${code.slice(0, 3)} ${code.slice(3)}`],
    ["dashed", (code) => `${code.slice(0, 3)}-${code.slice(3)}`],
    ["full-width", (code) => [...code].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join("")],
  ];

  it.each(spellings)(
    "takes %s digits for the same code: right once, used afterwards",
    async (_how, spelt) => {
      const theo = await world.employee({ totp: true });
      const [desk, phone] = [await theo.signsIn(), await theo.signsIn()];
      const acme = await world.customer();
      const code = await theo.code();
      const [first, second] = [
        await desk.calls(beginEdit, { customerId: acme.id }),
        await phone.calls(beginEdit, { customerId: acme.id }),
      ];
      const right = await desk.calls(
        beginEdit,
        { customerId: acme.id },
        { proof: await desk.answersWithCode(first, spelt(code)) },
      );
      expect(right.status).toBe("done");
      const used = await phone.calls(
        beginEdit,
        { customerId: acme.id },
        { proof: await phone.answersWithCode(second, code) },
      );
      expect(used).toMatchObject({ status: "proof-rejected", reason: "used" });
    },
  );

  it("spends an older step together with a newer one", async () => {
    const theo = await world.employee({ totp: true });
    const [desk, phone] = [await theo.signsIn(), await theo.signsIn()];
    const acme = await world.customer();
    await desk.stepsUp(beginEdit, { customerId: acme.id });
    await world.rows(sql`update totp_steps set last_step = last_step + 1 where user_id = ${theo.id}`);
    const refused = await phone.calls(beginEdit, { customerId: acme.id });
    const older = await phone.calls(
      beginEdit,
      { customerId: acme.id },
      { proof: await phone.answersWithCode(refused) },
    );
    expect(older).toMatchObject({ status: "proof-rejected", reason: "used" });
  });

  it("changes the record once for 50 identical right answers in parallel", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    const input = edit(acme, { city: "Kiel" });
    const proof = await browser.answersWithCode(await browser.calls(editCustomer, input));
    const results = await Promise.all(
      Array.from({ length: 50 }, () => browser.copy().calls(editCustomer, input, { proof })),
    );
    expect(results.filter((one) => one.status === "done")).toHaveLength(1);
    expect(await world.customerRow(acme.id)).toMatchObject({ city: "Kiel", version: 2 });
    expect(await world.count(sql`evidence where session_id = ${browser.sessionId}`)).toBe(1);
    expect(world.failures).toEqual([]);
  });

  it("passes one code once for 50 challenges answered in parallel from many sessions", async () => {
    const theo = await world.employee({ totp: true });
    const browsers = await Promise.all(Array.from({ length: 50 }, () => theo.signsIn()));
    const customers = await Promise.all(browsers.map(() => world.customer()));
    const refused = await Promise.all(
      browsers.map((one, n) => one.calls(beginEdit, { customerId: customers[n]!.id })),
    );
    const code = await theo.code();
    const results = await Promise.all(
      browsers.map(async (one, n) =>
        one.calls(
          beginEdit,
          { customerId: customers[n]!.id },
          { proof: await one.answersWithCode(refused[n]!, code) },
        ),
      ),
    );
    expect(results.filter((one) => one.status === "done")).toHaveLength(1);
    // Ten tries were free, and all the others waited without a comparison.
    expect(results.filter((one) => one.status === "proof-rejected").length).toBeLessThanOrEqual(10);
    expect(world.failures).toEqual([]);
  });

  it("allows ten wrong codes, then none for 30 s, the right one included", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const acme = await world.customer();
    const tenth = await guesses(browser, acme.id, 10);
    expect(tenth).toMatchObject({ status: "proof-rejected", triesLeft: 0 });
    const limited = await browser.calls(
      beginEdit,
      { customerId: acme.id },
      { proof: await browser.answersWithCode(tenth) },
    );
    expect(limited).toMatchObject({ status: "rate-limited", retryAfterSeconds: expect.any(Number) });
    expect(limited.status === "rate-limited" && limited.retryAfterSeconds).toBeGreaterThan(20);
    expect(await failuresOf(browser)).toBe(10);
    expect(await world.count(sql`totp_steps where user_id = ${theo.id}`)).toBe(0);

    await world.rows(
      sql`update code_attempts set last_failed_at = now() - interval '31 seconds' where user_id = ${theo.id}`,
    );
    const later = await browser.calls(
      beginEdit,
      { customerId: acme.id },
      { proof: await browser.answersWithCode(limited) },
    );
    expect(later.status).toBe("done");
  });

  it("gives no new tries with a new challenge, a new session, or another action", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const acme = await world.customer();
    await guesses(browser, acme.id, 10);
    const fresh = await browser.calls(beginEdit, { customerId: acme.id });
    expect(
      (
        await browser.calls(
          beginEdit,
          { customerId: acme.id },
          { proof: await browser.answersWithCode(fresh) },
        )
      ).status,
    ).toBe("rate-limited");
    const elsewhere = await theo.signsIn();
    const bank = await elsewhere.calls(changeBankDetails, bankChange(acme));
    expect(
      (
        await elsewhere.calls(changeBankDetails, bankChange(acme), {
          proof: await elsewhere.answersWithCode(bank),
        })
      ).status,
    ).toBe("rate-limited");
  });

  it("forgives with a success what its own session used up, and nothing of other sessions", async () => {
    const theo = await world.employee({ totp: true });
    const [thief, owner] = [await theo.signsIn(), await theo.signsIn()];
    const acme = await world.customer();
    await guesses(thief, acme.id, 9);
    expect((await owner.stepsUp(beginEdit, { customerId: acme.id })).status).toBe("done");
    expect(await failuresOf(owner)).toBe(9);
    await theo.waitsForTheNextCode();
    const last = await guesses(thief, acme.id, 1);
    expect(last).toMatchObject({ status: "proof-rejected", triesLeft: 0 });
  });

  it("never compares more than ten of 50 wrong codes in parallel", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const acme = await world.customer();
    const refused = await Promise.all(
      Array.from({ length: 50 }, () => browser.calls(beginEdit, { customerId: acme.id })),
    );
    const code = await theo.wrongCode();
    const results = await Promise.all(
      refused.map(async (one) =>
        browser.calls(
          beginEdit,
          { customerId: acme.id },
          { proof: await browser.answersWithCode(one, code) },
        ),
      ),
    );
    expect(results.filter((one) => one.status === "proof-rejected")).toHaveLength(10);
    expect(results.filter((one) => one.status === "rate-limited")).toHaveLength(40);
    expect(await failuresOf(browser)).toBe(10);
  });

  it("keeps the owner's own device working while strangers guess with the password", async () => {
    const theo = await world.employee({ totp: true });
    const acme = await world.customer();
    const own = await theo.signsIn({ device: `own-${theo.id}` });
    await own.stepsUp(beginEdit, { customerId: acme.id });
    const stranger = await theo.signsIn();
    await guesses(stranger, acme.id, 10);
    expect((await guesses(stranger, acme.id, 1)).status).toBe("rate-limited");
    await theo.waitsForTheNextCode();
    const nextDay = await theo.signsIn({ device: `own-${theo.id}` });
    expect((await nextDay.stepsUp(beginEdit, { customerId: acme.id })).status).toBe("done");
  });

  it("turns codes off at the hard limit, for strangers sooner than for the owner's device", async () => {
    const theo = await world.employee({ totp: true });
    const acme = await world.customer();
    const own = await theo.signsIn({ device: `own-${theo.id}` });
    await own.stepsUp(beginEdit, { customerId: acme.id });
    const stranger = await theo.signsIn();
    const failed = (n: number) =>
      world.rows(sql`insert into code_attempts (user_id, budget, session_id, known_device, failures, last_failed_at)
        values (${theo.id}, 'codes', ${stranger.sessionId}, false, ${n}, now() - interval '1 day')
        on conflict (user_id, budget, session_id) do update set failures = excluded.failures`);
    await failed(90);
    expect(await guesses(stranger, acme.id, 1)).toMatchObject({
      status: "rate-limited",
      retryAfterSeconds: null,
    });
    await theo.waitsForTheNextCode();
    const nextDay = await theo.signsIn({ device: `own-${theo.id}` });
    expect((await nextDay.stepsUp(beginEdit, { customerId: acme.id })).status).toBe("done");
    await failed(100);
    const atTheLimit = await theo.signsIn({ device: `own-${theo.id}` });
    await theo.waitsForTheNextCode();
    expect(await atTheLimit.stepsUp(beginEdit, { customerId: acme.id })).toMatchObject({
      status: "rate-limited",
      retryAfterSeconds: null,
    });
  });

  it("keeps a spent code spent and a failed one counted when the change afterwards breaks", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const acme = await world.customer();
    const refused = await browser.calls(breakingEdit, { customerId: acme.id });
    const wrong = await browser.calls(
      breakingEdit,
      { customerId: acme.id },
      { proof: await browser.answersWithCode(refused, await theo.wrongCode()) },
    );
    expect(wrong.status).toBe("proof-rejected");
    expect(await failuresOf(browser)).toBe(1);
    const code = await theo.code();
    const broke = await browser.calls(
      breakingEdit,
      { customerId: acme.id },
      { proof: await browser.answersWithCode(wrong, code) },
    );
    expect(broke).toMatchObject({ status: "failed", reference: expect.stringMatching(/^[0-9a-f]{10}$/) });
    expect(JSON.stringify(broke)).not.toContain("The save broke");
    const elsewhere = await theo.signsIn();
    const again = await elsewhere.calls(beginEdit, { customerId: acme.id });
    expect(
      await elsewhere.calls(
        beginEdit,
        { customerId: acme.id },
        { proof: await elsewhere.answersWithCode(again, code) },
      ),
    ).toMatchObject({
      status: "proof-rejected",
      reason: "used",
    });
    expect(await failuresOf(browser)).toBe(1);
    expect(
      (await world.audit("customer.edit"))
        .filter((row) => row.sessionId === browser.sessionId)
        .map((row) => row.outcome),
    ).toEqual(["refused", "failed"]);
    world.failures.length = 0;
  });

  it("passes no code of an app that was removed or suspended", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const acme = await world.customer();
    const refused = await browser.calls(beginEdit, { customerId: acme.id });
    const proof = await browser.answersWithCode(refused);
    await world.rows(sql`update authenticators set suspended_at = now() where id = ${theo.authenticatorId}`);
    const before = await world.spent();
    expect((await browser.calls(beginEdit, { customerId: acme.id }, { proof })).status).toBe(
      "enrolment-required",
    );
    expect(await world.spent()).toEqual(before);
  });

  it("opens nothing with a seed that a database writer moved into another user's row", async () => {
    const [theo, mallory] = [await world.employee({ totp: true }), await world.employee({ totp: true })];
    await world.rows(sql`update totp_seeds set sealed_seed = (select sealed_seed from totp_seeds where authenticator_id = ${mallory.authenticatorId})
      where authenticator_id = ${theo.authenticatorId}`);
    const browser = await theo.signsIn();
    const acme = await world.customer();
    const refused = await browser.calls(beginEdit, { customerId: acme.id });
    const proof = await browser.answersWithCode(refused, await mallory.code());
    expect(await browser.calls(beginEdit, { customerId: acme.id }, { proof })).toMatchObject({
      status: "proof-rejected",
      reason: "unavailable",
    });
    expect(await failuresOf(browser)).toBe(1);
    expect(world.failures.map(String)).toEqual([
      `Error: totp: the seed of ${theo.authenticatorId} does not open`,
    ]);
    world.failures.length = 0;
  });
});
