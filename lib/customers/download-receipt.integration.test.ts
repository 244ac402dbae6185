import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { eraseFromLog } from "@/lib/audit/erase";
import { sealRows } from "@/lib/audit/log/seal-rows";
import { readActivity } from "@/lib/audit/read";
import { makeReceipt } from "@/lib/audit/receipt/make-receipt";
import { verifyReceipt } from "@/lib/audit/receipt/verify-receipt";
import { confirmedActions } from "@/lib/protected-actions";
import { rp, signer } from "@/lib/testing/log";
import { answersWithPasskey, enrolsAPasskey } from "@/lib/testing/passkey";
import {
  type Browser,
  bankChange,
  fieldsOf,
  ibans,
  type Someone,
  testSecrets,
  World,
} from "@/lib/testing/pipeline";
import { changeBankDetails } from "./change-bank-details";
import { createCustomer } from "./create-customer";
import { downloadReceipt, readReceiptHead } from "./download-receipt";

const issuer = {
  ring: testSecrets.encryptionKeys,
  auditKey: testSecrets.auditKey,
  vkey: signer.vkey,
  rp,
};

describe.each(testDatabases.map(({ name }) => name))("the receipt of a change on %s", (kind) => {
  let world: World;
  let theo: Someone;
  let browser: Browser;
  beforeAll(async () => {
    world = await World.open(kind);
    theo = await world.employee({ totp: true });
    browser = await theo.signsIn();
  });
  afterAll(() => world.close());

  const seal = () => sealRows(world.database, signer);
  const lastChange = async () => (await world.audit("customer.change-bank-details")).at(-1)!;
  const receiptOf = (id: string) => makeReceipt(world.reader, issuer, id, "Acme GmbH");

  it("of a code says that nothing was signed, and that the log vouches for it", async () => {
    const acme = await world.customer();
    expect(await browser.stepsUp(changeBankDetails, bankChange(acme))).toMatchObject({ status: "done" });
    const { id } = await lastChange();
    expect(await receiptOf(id)).toBeNull();
    await seal();
    const { verdict, checks, told } = await verifyReceipt(await receiptOf(id));
    expect(verdict.kind).toBe("unsigned");
    expect(checks.filter(({ result }) => result === "failed")).toEqual([]);
    expect(told?.content?.prompt.changes).toContainEqual(
      expect.objectContaining({ label: "IBAN", to: "DE89 3704 0044 0532 0130 00" }),
    );
    expect(told?.opening?.by.email).toBe(theo.email);
  });

  it("of a code is offered, and says what is left, once the values are erased", async () => {
    const acme = await world.customer();
    const browser = await (await world.employee({ totp: true })).signsIn();
    expect(await browser.stepsUp(changeBankDetails, bankChange(acme))).toMatchObject({ status: "done" });
    const { id } = await lastChange();
    await seal();
    const [{ number } = { number: "" }] = await world.rows<{ number: string }>(
      sql`select number from customers where id = ${acme.id}`,
    );
    await world.database.transaction((tx) => eraseFromLog(tx, { number, reason: "asked for" }));
    const shown = await readActivity(world.reader, testSecrets.encryptionKeys, acme.id, {
      confirmed: confirmedActions,
    });
    expect(shown).toContainEqual(expect.objectContaining({ id, isErased: true, hasReceipt: true }));
    expect((await verifyReceipt(await receiptOf(id))).verdict.kind).toBe("erased");
  });

  it("is not made of a row that was changed, nor of one whose words nobody erased and nobody can open", async () => {
    const acme = await world.customer();
    const browser = await (await world.employee({ totp: true })).signsIn();
    expect(await browser.stepsUp(changeBankDetails, bankChange(acme))).toMatchObject({ status: "done" });
    const { id } = await lastChange();
    await seal();
    const otherRing = [{ id: "k9", key: Buffer.alloc(32, 5) }];
    expect(await makeReceipt(world.reader, { ...issuer, ring: otherRing }, id, null)).toBe("unprovable");
    class Enough extends Error {}
    for (const change of [
      sql`update audit_subject_keys set sealed_key = null where subject_id = ${acme.id}`,
      sql`update audit_events set address = '203.0.113.9' where id = ${id}`,
      sql`delete from audit_nodes where level = 0`,
    ]) {
      const asked = world.database.transaction(async (tx) => {
        await tx.execute(sql`alter table audit_events disable trigger user`);
        await tx.execute(sql`alter table audit_nodes disable trigger user`);
        await tx.execute(change);
        expect(await makeReceipt(tx, issuer, id, "Acme GmbH")).toBe("unprovable");
        throw new Enough();
      });
      await expect(asked).rejects.toThrow(Enough);
    }
    expect(await receiptOf(id)).toMatchObject({ format: "keyturn-receipt-v1" });
  });

  it("of a passkey fits in every check, and still does, without the words, once the values are erased", async () => {
    const acme = await world.customer();
    const browser = await (await world.employee({ totp: true })).signsIn();
    const device = await enrolsAPasskey(browser);
    const change = bankChange(acme, ibans.second);
    const proof = answersWithPasskey(browser, device, await browser.calls(changeBankDetails, change));
    expect(await browser.calls(changeBankDetails, change, { proof })).toMatchObject({ status: "done" });
    await seal();
    const { id } = await lastChange();
    const whole = await verifyReceipt(await receiptOf(id));
    expect(whole.checks.filter(({ result }) => result !== "passed")).toEqual([]);
    expect(whole.verdict.kind).toBe("fits");

    const [{ number } = { number: "" }] = await world.rows<{ number: string }>(
      sql`select number from customers where id = ${acme.id}`,
    );
    await world.database.transaction((tx) => eraseFromLog(tx, { number, reason: "asked for" }));
    const erased = await verifyReceipt(await receiptOf(id));
    expect(erased.verdict.kind).toBe("erased");
    expect(JSON.stringify(await receiptOf(id))).not.toMatch(/WEST ?1234|Acme/);
  });

  it("keeps the passkey's signature where the save came only at the second try", async () => {
    const acme = await world.customer();
    const browser = await (await world.employee({ totp: true })).signsIn();
    const device = await enrolsAPasskey(browser);
    const change = bankChange(acme, ibans.second);
    const proof = answersWithPasskey(browser, device, await browser.calls(changeBankDetails, change));
    await world.rows(
      sql`alter table customers add constraint broken check (iban is null or false) not valid`,
    );
    const failed = await browser.calls(changeBankDetails, change, { proof });
    await world.rows(sql`alter table customers drop constraint broken`);
    expect(failed.status).toBe("failed");
    world.failures.length = 0;
    expect(await browser.calls(changeBankDetails, change)).toMatchObject({ status: "done" });
    await seal();
    expect((await verifyReceipt(await receiptOf((await lastChange()).id))).verdict.kind).toBe("fits");
  });

  it("of a new customer fits where the policy asks for a proof of exactly this", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const device = await enrolsAPasskey(browser);
    await world.policy({ "customer.create": { binding: "input" } });
    const wanted = { teamId: world.team, fields: fieldsOf() };
    const proof = answersWithPasskey(browser, device, await browser.calls(createCustomer, wanted));
    expect(await browser.calls(createCustomer, wanted, { proof })).toMatchObject({ status: "done" });
    await world.policy({});
    await seal();
    const { id } = (await world.audit("customer.create")).at(-1)!;
    const { verdict, checks } = await verifyReceipt(await receiptOf(id));
    expect(checks.filter(({ result }) => result !== "passed")).toEqual([]);
    expect(verdict.kind).toBe("fits");
  });

  it("is for those who see the customer, of their own address, of changes that were made", async () => {
    const acme = await world.customer();
    await theo.waitsForTheNextCode();
    const change = bankChange(acme);
    const asked = await browser.calls(changeBankDetails, change);
    expect(asked.status).toBe("step-up-required");
    const other = await (await world.employee({ totp: true, team: await world.newTeam() })).signsIn();
    const { id, recordId } = await lastChange();
    const wanted = { customerId: recordId!, eventId: id };
    expect((await other.calls(downloadReceipt, wanted)).status).toBe("forbidden");
    const session = await browser.session();
    expect(await readReceiptHead(world.reader, session!.person, acme.id, id)).toBeNull();
    expect(await readReceiptHead(world.reader, session!.person, "x", id)).toBeNull();
    expect(await readReceiptHead(world.reader, session!.person, recordId!, id)).toMatchObject({
      eventId: id,
    });
  });
});
