import { type SQL, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { changeBankDetails } from "@/lib/customers/change-bank-details";
import { rp, signer } from "@/lib/testing/log";
import { bankChange, testSecrets, World } from "@/lib/testing/pipeline";
import { sealRows } from "./log/seal-rows";
import { verifyLog } from "./log/verify-log";
import { verifyRow } from "./log/verify-row";
import { readActivity } from "./read";
import { readOpening } from "./read-opening";

const { auditKey, encryptionKeys: ring } = testSecrets;

describe.each(testDatabases.map(({ name }) => name))("what a row tells, tampered with, on %s", (kind) => {
  let world: World;
  let customer: { id: string; version: number };
  let row: { id: string; sealed: string };

  beforeAll(async () => {
    world = await World.open(kind);
    const browser = await (await world.employee({ totp: true })).signsIn();
    customer = await world.customer();
    await browser.stepsUp(changeBankDetails, bankChange(customer));
    await sealRows(world.database, signer);
    const [written] = await world.audit("customer.change-bank-details");
    row = { id: written!.id, sealed: written!.sealed! };
    await world.rows(sql`alter table audit_events disable trigger user`);
  });
  afterAll(() => world.close());

  /** What the database's owner can do, taken back afterwards. */
  async function whenTheOwner(does: SQL, check: () => Promise<void>) {
    await world.rows(does);
    try {
      await check();
    } finally {
      await world.rows(sql`update audit_events set sealed = ${row.sealed} where id = ${row.id}`);
    }
  }

  const withKeyId = (id: string) => row.sealed.replace(/^v1\.[^.]+/, `v1.${id}`);
  const stateNow = async () => {
    const [stored] = await world.audit("customer.change-bank-details");
    return (await readOpening(world.reader, ring, stored!)).state;
  };

  it("opens as it was written", async () => {
    expect(await stateNow()).toBe("open");
  });

  it.each<[string, () => string]>([
    ["a word", () => "x"],
    ["nothing", () => ""],
    ["a key's id that is none", () => withKeyId("not-a-uuid")],
    ["a key's id with signs after it", () => withKeyId("00000000000040008000000000000000-")],
    ["the id of a key that never was", () => withKeyId("00000000000040008000000000000000")],
    ["other bytes", () => `${row.sealed.slice(0, -4)}AAAA`],
  ])("is named as unreadable, and nothing else breaks: %s", async (_, text) => {
    await whenTheOwner(sql`update audit_events set sealed = ${text()} where id = ${row.id}`, async () => {
      expect(await stateNow()).toBe("unreadable");
      expect(await readActivity(world.reader, ring, customer.id)).toContainEqual(
        expect.objectContaining({ id: row.id, isErased: false, changes: [] }),
      );
      const log = { read: world.reader, ring, auditKey, vkey: signer.vkey, rp, demo: true };
      const verdict = await verifyRow(log, row.id);
      expect(verdict?.told).toBe("unreadable");
      expect(verdict?.checks).toContainEqual(expect.objectContaining({ name: "told", result: "failed" }));
      const { findings } = await verifyLog({ ...log, outside: [] });
      expect(findings).toContainEqual(
        expect.objectContaining({ words: expect.stringContaining("can't be opened") }),
      );
    });
  });

  it("is not taken for erased where its key's row was deleted: erasing keeps that", async () => {
    await world.rows(sql`delete from audit_subject_keys where subject_id = ${customer.id}`);
    expect(await stateNow()).toBe("unreadable");
  });
});
