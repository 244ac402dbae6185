import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { beginEdit } from "@/lib/customers/begin-edit";
import { editCustomer } from "@/lib/customers/edit-customer";
import { edit, World } from "@/lib/testing/pipeline";
import { DatabaseProxy } from "@/scripts/faults/database-proxy";

describe("a COMMIT without an answer on PostgreSQL", () => {
  let proxy: DatabaseProxy;
  let world: World;
  beforeAll(async () => {
    proxy = await DatabaseProxy.open(inject("postgresUrl"));
    world = await World.open("PostgreSQL", { through: (url) => proxy.through(url) });
  });
  afterAll(async () => {
    await world.close();
    await proxy.close();
  });

  async function saves(lost: { unanswered?: number; unheard?: number }) {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    await browser.stepsUp(beginEdit, { customerId: acme.id });
    const callId = randomUUID();
    const save = () => browser.calls(editCustomer, edit(acme, { city: "Kiel" }), { callId });
    proxy.losesCommits(lost);
    const answers = [await save(), await save()];
    const rows = (await world.audit("customer.edit")).filter(({ recordId }) => recordId === acme.id);
    const { version } = await world.customerRow(acme.id);
    return { answers, version, told: rows.map(({ outcome }) => outcome).slice(1) };
  }

  it("is no failure where the change was made: it is told as done, once", async () => {
    const done = { status: "done", data: { version: 2 } };
    expect(await saves({ unanswered: 1 })).toEqual({ answers: [done, done], version: 2, told: ["allowed"] });
  });

  it("is one where it was not, and the repeat makes it", async () => {
    const { answers, version, told } = await saves({ unheard: 1 });
    expect(answers).toEqual([
      { status: "failed", reference: expect.any(String) },
      { status: "done", data: { version: 2 } },
    ]);
    expect([version, told]).toEqual([2, ["failed", "allowed"]]);
  });
});
