import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { beginEdit } from "@/lib/customers/begin-edit";
import { changeBankDetails } from "@/lib/customers/change-bank-details";
import { editCustomer } from "@/lib/customers/edit-customer";
import { openFirstEnrolment } from "@/lib/security/enrol";
import { signOut } from "@/lib/security/session-commands";
import { type Browser, bankChange, dataOf, edit, ibans, password, World } from "@/lib/testing/pipeline";

describe.each(testDatabases.map(({ name }) => name))("an answer lost after COMMIT on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  const rowsOf = async (browser: Browser) =>
    (await world.audit()).filter((row) => row.sessionId === browser.sessionId);

  it("is handed to the repeat: the same result, one change, one row", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    await browser.stepsUp(beginEdit, { customerId: acme.id });
    const callId = randomUUID();
    const first = await browser.calls(editCustomer, edit(acme, { city: "Kiel" }), { callId });
    const rows = await rowsOf(browser);
    const again = await browser.calls(editCustomer, edit(acme, { city: "Kiel" }), { callId });
    expect(first).toEqual({ status: "done", data: { version: 2 } });
    expect(again).toEqual(first);
    expect((await world.customerRow(acme.id)).version).toBe(2);
    expect(await rowsOf(browser)).toEqual(rows);
  });

  it("is handed out with the proof attached, too, though its challenge is spent and its words have changed", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    const callId = randomUUID();
    const proof = await browser.answersWithCode(
      await browser.calls(changeBankDetails, bankChange(acme), { callId }),
    );
    const first = await browser.calls(changeBankDetails, bankChange(acme), { callId, proof });
    const [rows, spent] = [await rowsOf(browser), await world.spent()];
    expect(await browser.calls(changeBankDetails, bankChange(acme), { callId, proof })).toEqual(first);
    expect(first).toEqual({ status: "done", data: { version: 2 } });
    expect((await world.customerRow(acme.id)).version).toBe(2);
    expect([await rowsOf(browser), await world.spent()]).toEqual([rows, spent]);
  });

  it("is handed to the browser that lost the new cookie along with it", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const lost = browser.copy();
    const acme = await world.customer();
    const callId = randomUUID();
    const proof = await browser.answersWithCode(
      await browser.calls(editCustomer, edit(acme, { city: "Kiel" }), { callId }),
    );
    const first = await browser.calls(editCustomer, edit(acme, { city: "Kiel" }), { callId, proof });
    const rows = await rowsOf(browser);
    for (const options of [{ callId, proof }, { callId }]) {
      expect(await lost.calls(editCustomer, edit(acme, { city: "Kiel" }), options)).toEqual(first);
    }
    expect(lost.delivered).toEqual([]);
    expect((await world.customerRow(acme.id)).version).toBe(2);
    expect(await rowsOf(browser)).toEqual(rows);
  });

  it("is handed out although the record is no longer the person's", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    const callId = randomUUID();
    const proof = await browser.answersWithCode(
      await browser.calls(editCustomer, edit(acme, { city: "Kiel" }), { callId }),
    );
    const first = await browser.calls(editCustomer, edit(acme, { city: "Kiel" }), { callId, proof });
    await world.rows(sql`update customers set team_id = ${await world.newTeam()} where id = ${acme.id}`);
    expect(await browser.calls(editCustomer, edit(acme, { city: "Kiel" }), { callId, proof })).toEqual(first);
    expect((await browser.calls(editCustomer, edit(acme, { city: "Kiel" }))).status).toBe("forbidden");
  });

  it("is not handed to another input, action or session under the same call id", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const [acme, other] = [await world.customer(), await world.customer()];
    await browser.stepsUp(beginEdit, { customerId: acme.id });
    const callId = randomUUID();
    await browser.calls(editCustomer, edit(acme, { city: "Kiel" }), { callId });
    const others = [
      await browser.calls(editCustomer, edit(acme, { city: "Jena" }), { callId }),
      await browser.calls(editCustomer, edit(other, { city: "Kiel" }), { callId }),
      await browser.calls(beginEdit, { customerId: acme.id }, { callId }),
    ];
    for (const result of others) expect(result).toEqual({ status: "failed", reference: "repeated-call" });
    expect(await world.customerRow(acme.id)).toMatchObject({ city: "Kiel", version: 2 });
    expect(await world.customerRow(other.id)).toMatchObject({ city: "Hamburg", version: 1 });
    // Another session's calls have ids of their own.
    await theo.waitsForTheNextCode();
    const elsewhere = await theo.signsIn();
    expect(await elsewhere.calls(editCustomer, edit(acme, { city: "Kiel" }), { callId })).toMatchObject({
      status: "step-up-required",
    });
    expect((await elsewhere.stepsUp(editCustomer, edit(other, { city: "Kiel" }), { callId })).status).toBe(
      "done",
    );
  });

  it("is one change for 20 repeats in parallel of an unlocked session, and each of them hears of it", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    await browser.stepsUp(beginEdit, { customerId: acme.id });
    const before = (await rowsOf(browser)).length;
    const callId = randomUUID();
    const results = await Promise.all(
      Array.from({ length: 20 }, () => browser.calls(editCustomer, edit(acme, { city: "Kiel" }), { callId })),
    );
    for (const result of results) expect(result).toEqual({ status: "done", data: { version: 2 } });
    expect((await world.customerRow(acme.id)).version).toBe(2);
    expect(await rowsOf(browser)).toHaveLength(before + 1);
  });

  it("is one change for 20 repeats in parallel that all carry the proof", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    const callId = randomUUID();
    const proof = await browser.answersWithCode(
      await browser.calls(changeBankDetails, bankChange(acme), { callId }),
    );
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        browser.copy().calls(changeBankDetails, bankChange(acme), { callId, proof }),
      ),
    );
    expect(results.filter((one) => one.status === "done").length).toBeGreaterThanOrEqual(1);
    for (const result of results)
      expect(["done", "step-up-required", "session-renewed"]).toContain(result.status);
    expect(await world.customerRow(acme.id)).toMatchObject({ version: 2, iban: ibans.first });
    expect(await rowsOf(browser)).toHaveLength(1);
    expect(world.failures).toEqual([]);
  });

  it("does not survive the session: after sign-out the repeat is signed out", async () => {
    const browser = await (await world.employee()).signsIn();
    const callId = randomUUID();
    expect((await browser.calls(signOut, {}, { callId })).status).toBe("done");
    expect(await browser.calls(signOut, {}, { callId })).toEqual({
      status: "signed-out",
      because: "no-session",
    });
  });

  it("lies sealed in the database, bound to its own call", async () => {
    const browser = await (await world.employee()).signsIn();
    const callId = randomUUID();
    const asked = await browser.calls(openFirstEnrolment, {}, { callId });
    const proof = browser.answers(asked, "password", { password });
    const offer = dataOf(await browser.calls(openFirstEnrolment, {}, { callId, proof }));
    expect(dataOf(await browser.calls(openFirstEnrolment, {}, { callId, proof }))).toEqual(offer);
    const stored = await world.everythingStored();
    expect(stored).not.toContain(offer.app.key);
    expect(stored).not.toContain(offer.app.uri);
    expect(stored).not.toContain(password);
    // Moved to another call by a database writer, it opens no more.
    const moved = randomUUID();
    await world.rows(sql`update call_outcomes set call_id = ${moved} where call_id = ${callId}`);
    const opened = await browser.calls(openFirstEnrolment, {}, { callId: moved, proof });
    expect(opened.status).toBe("failed");
    world.failures.length = 0;
  });
});
