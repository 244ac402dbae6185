import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { macOf } from "@/lib/audit/stored";
import { viewContract } from "@/lib/contracts/view-contract";
import { beginEdit } from "@/lib/customers/begin-edit";
import { editCustomer } from "@/lib/customers/edit-customer";
import { challengeOf, edit, testSecrets, World } from "@/lib/testing/pipeline";

describe.each(testDatabases.map(({ name }) => name))("a protected call on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  it("is refused with a challenge, and nothing is written before it is answered", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const acme = await world.customer();
    const before = [await world.spent(), await world.count(sql`audit_events`)];
    const refused = await browser.calls(editCustomer, edit(acme, { city: "Bremen" }));
    expect(refused).toMatchObject({
      status: "step-up-required",
      challenge: {
        action: "customer.edit",
        account: theo.email,
        binding: "session",
        prompt: {
          purpose: "to edit Acme GmbH",
          verb: "Save changes",
          changes: [{ label: "City", from: "Hamburg", to: "Bremen" }],
        },
        factors: [{ factor: "totp", options: { names: ["Phone"] } }],
        reasons: [{ code: "needs-factor" }, { code: "never-proved" }],
      },
    });
    expect([await world.spent(), await world.count(sql`audit_events`)]).toEqual(before);
    expect(await world.customerRow(acme.id)).toMatchObject({ city: "Hamburg", version: 1 });
  });

  it("goes on with the same input once a code answers it: one change, one signed row, a new secret", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const stolen = browser.copy();
    const acme = await world.customer();
    const input = edit(acme, { city: "Bremen" });
    const proof = await browser.answersWithCode(await browser.calls(editCustomer, input));
    expect(await browser.calls(editCustomer, input, { proof })).toEqual({
      status: "done",
      data: { version: 2 },
    });
    expect(await world.customerRow(acme.id)).toMatchObject({ city: "Bremen", version: 2 });

    const rows = (await world.audit("customer.edit")).filter((row) => row.sessionId === browser.sessionId);
    expect(rows).toHaveLength(1);
    const row = rows[0]!;
    expect(row).toMatchObject({
      actorId: theo.id,
      outcome: "allowed",
      recordType: "customer",
      recordId: acme.id,
      factor: "totp",
      authenticatorId: theo.authenticatorId,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(row.mac).toBe(macOf(row, testSecrets.auditKey));
    const told = await world.told(row);
    expect(told?.changes).toEqual([{ field: "city", from: "Hamburg", to: "Bremen" }]);
    expect(JSON.stringify(row)).not.toContain("Bremen");

    expect(browser.delivered).toHaveLength(1);
    expect(browser.cookie.secret).not.toBe(stolen.cookie.secret);
    expect((await browser.session())?.presented).toBe("current");
    const again = await stolen.calls(editCustomer, edit({ id: acme.id, version: 2 }, { city: "Kiel" }));
    expect(again.status).not.toBe("done");
    expect(await world.customerRow(acme.id)).toMatchObject({ city: "Bremen", version: 2 });
  });

  it("finds its session unlocked by ONE query of the guard, and asks nothing", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const acme = await world.customer();
    await browser.stepsUp(beginEdit, { customerId: acme.id });
    // The successor's first return is written once; from then on reading is one query.
    await browser.session();
    world.queries = [];
    const saved = await browser.calls(editCustomer, edit(acme, { city: "Bremen" }));
    const seen = world.queries;
    expect(saved.status).toBe("done");
    expect(seen[0]).toMatch(/from "sessions".*json_agg|json_agg.*from "sessions"/s);
    expect(seen[1]).toMatch(/from "customers"/);
    expect(
      seen.filter((one) => /^select/i.test(one) && one.includes('"authenticators"."user_id"')),
    ).toHaveLength(1);
  });

  it("unlocks what is bound to the session only, for other records and actions too", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const [acme, other] = [await world.customer(), await world.customer({ name: "Other AG" })];
    const contract = await world.contract(other.id);
    await browser.stepsUp(beginEdit, { customerId: acme.id });
    expect(await browser.calls(beginEdit, { customerId: other.id })).toMatchObject({
      status: "done",
      data: { id: other.id },
    });
    expect(
      await browser.calls(viewContract, { customerId: other.id, contractId: contract.id }),
    ).toMatchObject({ status: "done" });
  });

  it("writes no row for an Edit click that finds the session unlocked", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    await browser.stepsUp(beginEdit, { customerId: acme.id });
    const before = await world.count(sql`audit_events`);
    expect((await browser.calls(beginEdit, { customerId: acme.id })).status).toBe("done");
    expect(await world.count(sql`audit_events`)).toBe(before);
  });

  it("tells who never had a second factor to enrol one, and lets nobody pass silently", async () => {
    const browser = await (await world.employee()).signsIn();
    const acme = await world.customer();
    expect(await browser.calls(beginEdit, { customerId: acme.id })).toMatchObject({
      status: "enrolment-required",
      first: true,
    });
  });

  it("asks again 15 minutes after the proof, by the database's clock", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    await browser.stepsUp(beginEdit, { customerId: acme.id });
    const age = (seconds: number) =>
      world.rows(
        sql`update evidence set proved_at = now() - make_interval(secs => ${seconds}) where session_id = ${browser.sessionId}`,
      );
    await age(890);
    expect((await browser.calls(beginEdit, { customerId: acme.id })).status).toBe("done");
    await age(900);
    expect(challengeOf(await browser.calls(beginEdit, { customerId: acme.id })).reasons).toContainEqual(
      expect.objectContaining({ code: "too-old", factor: "totp" }),
    );
  });
});
