import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { changeBankDetails } from "@/lib/customers/change-bank-details";
import { removeFactor } from "@/lib/security/remove-factor";
import { rp, signer } from "@/lib/testing/log";
import { answersWithPasskey, enrolsAPasskey } from "@/lib/testing/passkey";
import { type Browser, bankChange, testSecrets, World } from "@/lib/testing/pipeline";
import { macOf } from "../stored";
import { sealRows } from "./seal-rows";
import { type RowCheck, verifyRow } from "./verify-row";

const { auditKey, encryptionKeys: ring } = testSecrets;

describe.each(testDatabases.map(({ name }) => name))("the verdict on one row on %s", (kind) => {
  let world: World;
  let browser: Browser;
  beforeAll(async () => {
    world = await World.open(kind);
    browser = await (await world.employee({ totp: true })).signsIn();
  });
  afterAll(() => world.close());

  const seal = () => sealRows(world.database, signer);
  const verify = (id: string) =>
    verifyRow({ read: world.reader, ring, auditKey, vkey: signer.vkey, rp, demo: true }, id);
  const results = (checks: RowCheck[] = []) =>
    Object.fromEntries(checks.map(({ name, result }) => [name, result]));

  /** What the database's owner can do: the triggers are theirs. */
  async function tampers(statement: ReturnType<typeof sql>) {
    await world.rows(sql`alter table audit_events disable trigger all`);
    await world.rows(statement);
    await world.rows(sql`alter table audit_events enable trigger all`);
  }

  /** A bank change that a passkey signed. */
  async function signed(): Promise<string> {
    const own = await (await world.employee({ totp: true })).signsIn();
    const device = await enrolsAPasskey(own);
    const change = bankChange(await world.customer());
    const proof = answersWithPasskey(own, device, await own.calls(changeBankDetails, change));
    expect(await own.calls(changeBankDetails, change, { proof })).toMatchObject({ status: "done" });
    return (await world.audit("customer.change-bank-details")).at(-1)!.id;
  }

  it("says that the app wrote it, before and after it was sealed", async () => {
    await browser.stepsUp(changeBankDetails, bankChange(await world.customer()));
    const { id } = (await world.audit("customer.change-bank-details")).at(-1)!;
    const waiting = await verify(id);
    expect(waiting?.index).toBeNull();
    expect(results(waiting?.checks)).toEqual({
      mac: "passed",
      place: "not-done",
      told: "passed",
      signature: "not-done",
    });
    await seal();
    const sealed = await verify(id);
    expect(sealed?.index).toEqual(expect.any(Number));
    expect(results(sealed?.checks)).toMatchObject({ mac: "passed", place: "passed" });
  });

  it("checks the passkey's signature again, with the key that the log saw enrolled", async () => {
    const id = await signed();
    await seal();
    expect(results((await verify(id))?.checks)).toEqual({
      mac: "passed",
      place: "passed",
      told: "passed",
      signature: "passed",
    });
  });

  it("finds a row that was changed, and one that was slipped in", async () => {
    const id = await signed();
    await seal();
    await tampers(sql`update audit_events set address = '203.0.113.9' where id = ${id}`);
    expect(results((await verify(id))?.checks)).toMatchObject({ mac: "failed", place: "failed" });
    const [slipped] = await world.rows<{ id: string }>(
      sql`insert into audit_events (at, action, outcome, detail) values (now(), 'customer.edit', 'allowed', '{}') returning id`,
    );
    await world.rows(sql`delete from audit_queue where seq = (select max(seq) from audit_events)`);
    expect(results((await verify(slipped!.id))?.checks)).toMatchObject({ mac: "failed", place: "failed" });
  });

  it("finds a signature whose passkey was swapped in its enrolment, and a broken tree", async () => {
    const id = await signed();
    await seal();
    const { authenticatorId } = (await world.audit("customer.change-bank-details")).at(-1)!;
    await tampers(
      sql`update audit_events set address = '203.0.113.9' where authenticator_id = ${authenticatorId} and jsonb_exists(detail, 'credential')`,
    );
    const { checks } = (await verify(id))!;
    expect(checks.find(({ name }) => name === "signature")).toMatchObject({
      result: "failed",
      sentence: expect.stringContaining("enrolment"),
    });
    await world.rows(sql`alter table audit_nodes disable trigger all`);
    await world.rows(sql`delete from audit_nodes where level = 0`);
    expect(results((await verify(id))?.checks)).toMatchObject({ mac: "passed", place: "failed" });
  });

  it("finds a signature of a passkey that had been removed, and was revived in its table", async () => {
    const own = await (await world.employee({ totp: true })).signsIn();
    const first = await enrolsAPasskey(own);
    type Answer = Parameters<typeof answersWithPasskey>[2];
    const second = await enrolsAPasskey(own, (asked: Answer) => answersWithPasskey(own, first, asked));
    const { authenticatorId } = (await world.audit("security.activate-factor")).at(-1)!;
    const remove = { authenticatorId: authenticatorId! };
    const byFirst = answersWithPasskey(own, first, await own.calls(removeFactor, remove));
    expect(await own.calls(removeFactor, remove, { proof: byFirst })).toMatchObject({ status: "done" });
    await world.rows(sql`update authenticators set removed_at = null where id = ${authenticatorId}`);
    const change = bankChange(await world.customer());
    const bySecond = answersWithPasskey(own, second, await own.calls(changeBankDetails, change));
    expect(await own.calls(changeBankDetails, change, { proof: bySecond })).toMatchObject({ status: "done" });
    const { id } = (await world.audit("customer.change-bank-details")).at(-1)!;
    const signatureNow = async () => (await verify(id))?.checks.find(({ name }) => name === "signature");
    // A call that was under way may write its row a little later than the removal.
    expect(await signatureNow()).toMatchObject({ result: "passed" });

    const removal = (await world.audit("security.remove-factor")).at(-1)!;
    const at = removal.at.replace(/^\d{4}/, "2025");
    await tampers(sql`update audit_events set at = ${at}::timestamptz where seq = ${removal.seq}`);
    expect(await signatureNow()).toMatchObject({
      result: "failed",
      sentence: expect.stringContaining("may have ended the passkey"),
    });
    const mac = macOf({ ...removal, at }, auditKey);
    await tampers(sql`update audit_events set mac = ${mac} where seq = ${removal.seq}`);
    expect(await signatureNow()).toMatchObject({
      result: "failed",
      sentence: "It was signed by a passkey that had been removed before.",
    });
  });

  it("finds a row whose leaf is put before the first one", async () => {
    const [slipped] = await world.rows<{ id: string; seq: string }>(
      sql`insert into audit_events (at, action, outcome, detail) values (now(), 'customer.edit', 'allowed', '{}') returning id, seq`,
    );
    await world.rows(sql`delete from audit_queue where seq = ${slipped!.seq}`);
    await world.rows(sql`insert into audit_leaves (index, seq) values (-1, ${slipped!.seq})`);
    expect(results((await verify(slipped!.id))?.checks)).toMatchObject({ mac: "failed", place: "failed" });
  });

  it("knows no row that isn't there", async () => {
    expect(await verify("00000000-0000-4000-8000-000000000000")).toBeNull();
  });
});
