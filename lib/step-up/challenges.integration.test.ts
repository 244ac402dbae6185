import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { viewContract } from "@/lib/contracts/view-contract";
import { beginEdit } from "@/lib/customers/begin-edit";
import { changeBankDetails } from "@/lib/customers/change-bank-details";
import { editCustomer } from "@/lib/customers/edit-customer";
import { seal } from "@/lib/platform/key-ring";
import { cancelPrompt } from "@/lib/security/cancel-prompt";
import { lockNow } from "@/lib/security/session-commands";
import { bankChange, challengeOf, edit, tampered, testSecrets, World } from "@/lib/testing/pipeline";
import { readChallenge } from "./challenge";

describe.each(testDatabases.map(({ name }) => name))("a challenge on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());
  beforeEach(() => world.policy({}));

  it("of another user is answered by nobody else, and costs its owner nothing", async () => {
    const [theo, mallory] = [await world.employee({ totp: true }), await world.employee({ totp: true })];
    const [victim, attacker] = [await theo.signsIn(), await mallory.signsIn()];
    const acme = await world.customer();
    const foreign = await victim.calls(beginEdit, { customerId: acme.id });
    const before = await world.spent();
    for (const code of [await theo.code(), await mallory.code()]) {
      const result = await attacker.calls(
        beginEdit,
        { customerId: acme.id },
        { proof: await attacker.answersWithCode(foreign, code) },
      );
      expect(result).toMatchObject({ status: "step-up-required", replaced: "foreign" });
    }
    expect(await world.spent()).toEqual(before);
    // The owner's own answer still works.
    expect(
      (
        await victim.calls(
          beginEdit,
          { customerId: acme.id },
          { proof: await victim.answersWithCode(foreign) },
        )
      ).status,
    ).toBe("done");
  });

  it("of another session of the same user is foreign", async () => {
    const theo = await world.employee({ totp: true });
    const [desk, phone] = [await theo.signsIn(), await theo.signsIn()];
    const acme = await world.customer();
    const foreign = await desk.calls(beginEdit, { customerId: acme.id });
    const before = await world.spent();
    const result = await phone.calls(
      beginEdit,
      { customerId: acme.id },
      { proof: await phone.answersWithCode(foreign) },
    );
    expect(result).toMatchObject({ status: "step-up-required", replaced: "foreign" });
    expect(await world.spent()).toEqual(before);
  });

  it("of another action or another record is foreign", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const [acme, other] = [await world.customer(), await world.customer()];
    const contract = await world.contract(acme.id);
    const opened = await browser.calls(beginEdit, { customerId: acme.id });
    const proof = await browser.answersWithCode(opened);
    const before = await world.spent();
    const calls = [
      browser.calls(viewContract, { customerId: acme.id, contractId: contract.id }, { proof }),
      browser.calls(changeBankDetails, bankChange(acme), { proof }),
      browser.calls(beginEdit, { customerId: other.id }, { proof }),
      browser.calls(editCustomer, edit(other), { proof }),
    ];
    for (const result of await Promise.all(calls))
      expect(result).toMatchObject({ status: "step-up-required", replaced: "foreign" });
    expect(await world.spent()).toEqual(before);
  });

  it.each([
    ["tampered", tampered],
    ["empty", () => ""],
    ["made up", () => "v1.test.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    ["of a key that is not in the ring", (token: string) => token.replace("v1.test.", "v1.other.")],
    ["cut short", (token: string) => token.slice(0, -8)],
    ["in a second spelling", (token: string) => `${token}=`],
  ])("that is %s is foreign, and nothing is consumed", async (_what, change) => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    const proof = await browser.answersWithCode(await browser.calls(beginEdit, { customerId: acme.id }));
    const before = await world.spent();
    const result = await browser.calls(
      beginEdit,
      { customerId: acme.id },
      { proof: { ...proof, token: change(proof.token) } },
    );
    expect(result).toMatchObject({ status: "step-up-required", replaced: "foreign" });
    expect(await world.spent()).toEqual(before);
  });

  it("for one input is replaced where the input became another one", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    const proof = await browser.answersWithCode(
      await browser.calls(editCustomer, edit(acme, { city: "Kiel" })),
    );
    const before = await world.spent();
    const swapped = await browser.calls(
      editCustomer,
      edit(acme, { city: "Kiel", email: "mallory@evil.example" }),
      { proof },
    );
    expect(swapped).toMatchObject({ status: "step-up-required", replaced: "changed" });
    expect(challengeOf(swapped).prompt.changes).toContainEqual({
      label: "Email",
      from: "",
      to: "mallory@evil.example",
    });
    expect(await world.spent()).toEqual(before);
  });

  it("is replaced where somebody saved the record meanwhile, since its words are no longer true", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    const proof = await browser.answersWithCode(
      await browser.calls(editCustomer, edit(acme, { city: "Kiel" })),
    );
    await world.rows(sql`update customers set city = 'Jena', version = version + 1 where id = ${acme.id}`);
    const before = await world.spent();
    expect(await browser.calls(editCustomer, edit(acme, { city: "Kiel" }), { proof })).toMatchObject({
      replaced: "changed",
    });
    expect(await world.spent()).toEqual(before);
  });

  it("lives five minutes, and is replaced afterwards before a try or a code is spent", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    const opened = await browser.calls(beginEdit, { customerId: acme.id });
    expect(challengeOf(opened).expiresInSeconds).toBe(300);
    const proof = await browser.answersWithCode(opened);
    const content = readChallenge(testSecrets.encryptionKeys, proof.token)!;
    const now = (await world.now()).getTime();
    expect(content.expiresAt - now).toBeGreaterThan(290_000);
    expect(content.expiresAt - now).toBeLessThanOrEqual(300_000);
    const late = Buffer.from(JSON.stringify({ ...content, expiresAt: now - 1 }));
    const token = seal(testSecrets.encryptionKeys, late, "keyturn challenge v1");
    const before = await world.spent();
    const replaced = await browser.calls(beginEdit, { customerId: acme.id }, { proof: { ...proof, token } });
    expect(replaced).toMatchObject({ status: "step-up-required", replaced: "expired" });
    expect(await world.spent()).toEqual(before);
  });

  it.each([
    ["is bound to the input", { binding: "input" }],
    ["takes fewer factors", { factors: ["totp"] }],
    ["lets a proof live shorter", { maxAgeSeconds: 60 }],
    ["refuses authenticators on probation", { probation: "refused" }],
  ])("opened before the policy %s is replaced before a try or a code is spent", async (_how, rule) => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    const proof = await browser.answersWithCode(await browser.calls(beginEdit, { customerId: acme.id }));
    await world.policy({ "customer.edit": rule });
    const before = await world.spent();
    const replaced = await browser.calls(beginEdit, { customerId: acme.id }, { proof });
    expect(replaced).toMatchObject({ status: "step-up-required", replaced: "changed" });
    expect(await world.spent()).toEqual(before);
    const done = await browser.calls(
      beginEdit,
      { customerId: acme.id },
      { proof: await browser.answersWithCode(replaced) },
    );
    expect(done.status).toBe("done");
  });

  it("is worth nothing where the policy no longer takes any factor of the person", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    const proof = await browser.answersWithCode(await browser.calls(beginEdit, { customerId: acme.id }));
    await world.policy({ "customer.edit": { factors: ["passkey"] } });
    const before = await world.spent();
    expect((await browser.calls(beginEdit, { customerId: acme.id }, { proof })).status).toBe(
      "enrolment-required",
    );
    expect(await world.spent()).toEqual(before);
  });

  it("opened before Lock now is replaced before a try or a code is spent", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    const proof = await browser.answersWithCode(await browser.calls(beginEdit, { customerId: acme.id }));
    expect((await browser.calls(lockNow, {})).status).toBe("done");
    const before = await world.spent();
    expect(await browser.calls(beginEdit, { customerId: acme.id }, { proof })).toMatchObject({
      status: "step-up-required",
      replaced: "locked",
    });
    expect(await world.spent()).toEqual(before);
  });

  it("given up is a decision in the log, of the action it was for", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const acme = await world.customer();
    const { token } = challengeOf(await browser.calls(beginEdit, { customerId: acme.id }));
    expect((await browser.calls(cancelPrompt, { token })).status).toBe("done");
    expect(
      (await world.audit("customer.edit")).filter((row) => row.sessionId === browser.sessionId),
    ).toMatchObject([
      {
        outcome: "cancelled",
        actorId: theo.id,
        recordType: "customer",
        recordId: acme.id,
        address: browser.address,
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        detail: {},
      },
    ]);
    expect((await world.audit("session.cancel-prompt")).filter((row) => row.actorId === theo.id)).toEqual([]);
  });

  it("given up five times is one row, and nothing when it is long over: a token is no pen to fill the log with", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const acme = await world.customer();
    const asked = await browser.calls(beginEdit, { customerId: acme.id });
    const { token } = challengeOf(asked);
    const cancels = Array.from({ length: 5 }, () => browser.calls(cancelPrompt, { token }));
    expect((await Promise.all(cancels)).map(({ status }) => status)).toEqual(Array(5).fill("done"));
    const ofTheo = async () =>
      (await world.audit("customer.edit")).filter((row) => row.sessionId === browser.sessionId);
    expect(await ofTheo()).toHaveLength(1);
    // What was given up is over: another answer needs another challenge.
    expect(
      await browser.calls(
        beginEdit,
        { customerId: acme.id },
        { proof: await browser.answersWithCode(asked) },
      ),
    ).toMatchObject({ status: "step-up-required", replaced: "answered" });
    const again = challengeOf(await browser.calls(beginEdit, { customerId: acme.id }));
    const session = await browser.session();
    if (!session) throw new Error("signed out");
    const later = browser.holdsItsSession({ ...session, now: new Date(session.now.getTime() + 3_901_000) });
    expect((await later.calls(cancelPrompt, { token: again.token })).status).toBe("done");
    expect(await ofTheo()).toHaveLength(1);
  });

  it("of somebody else cannot be cancelled into their log", async () => {
    const [theo, mallory] = [await world.employee({ totp: true }), await world.employee({ totp: true })];
    const [victim, attacker] = [await theo.signsIn(), await mallory.signsIn()];
    const acme = await world.customer();
    const { token } = challengeOf(await victim.calls(beginEdit, { customerId: acme.id }));
    await attacker.calls(cancelPrompt, { token });
    const rows = await world.audit("customer.edit");
    expect(
      rows.filter(({ sessionId }) => sessionId === victim.sessionId || sessionId === attacker.sessionId),
    ).toEqual([]);
  });
});

describe.each(testDatabases.map(({ name }) => name))("the policy in force on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  it("takes the elevation of what it tightened at the next call", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    await browser.stepsUp(beginEdit, { customerId: acme.id });
    await world.policy({ "customer.edit": { binding: "input" } });
    const asked = await browser.calls(editCustomer, edit(acme, { city: "Kiel" }));
    expect(challengeOf(asked)).toMatchObject({
      binding: "input",
      reasons: [{ code: "needs-factor" }, { code: "exactly-this" }],
    });
    await world.policy({ "customer.edit": { maxAgeSeconds: 0 } });
    expect((await browser.calls(editCustomer, edit(acme, { city: "Kiel" }))).status).toBe("step-up-required");
    await world.policy({});
    expect((await browser.calls(editCustomer, edit(acme, { city: "Kiel" }))).status).toBe("done");
  });

  it("never goes below the floor, whatever the rules say", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    await world.policy({ "customer.edit": { maxAgeSeconds: 1_000_000 } });
    await browser.stepsUp(beginEdit, { customerId: acme.id });
    await world.rows(
      sql`update evidence set proved_at = now() - interval '16 minutes' where session_id = ${browser.sessionId}`,
    );
    expect((await browser.calls(beginEdit, { customerId: acme.id })).status).toBe("step-up-required");
  });

  it.each([
    ["with an unknown rule", { "customer.edit": { binding: "session" } }],
    ["with a weaker factor", { "customer.edit": { factors: ["sms"] } }],
    ["with no factor", { "customer.edit": { factors: [] } }],
    ["of another shape", [1, 2]],
    ["that is only text", "everything is allowed"],
    ["unreadable elsewhere", { "contract.view": { maxAgeSeconds: -1 } }],
  ])("refuses everything when it holds rules %s, and falls back to nothing weaker", async (_what, rules) => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    await world.policy({});
    await browser.stepsUp(beginEdit, { customerId: acme.id });
    await world.policy(rules);
    const before = await world.spent();
    expect(await browser.calls(editCustomer, edit(acme, { city: "Kiel" }))).toEqual({
      status: "failed",
      reference: expect.any(String),
    });
    expect(await world.customerRow(acme.id)).toMatchObject({ city: "Hamburg", version: 1 });
    expect(await world.spent()).toEqual(before);
  });
});
