import { randomBytes } from "node:crypto";
import { isNotNull, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { beginEdit } from "@/lib/customers/begin-edit";
import { countSealed, openRow, readKeyFaults } from "@/lib/keys/read-sealed";
import { sealedColumns } from "@/lib/keys/sealed-columns";
import { mailPlace, mailTo } from "@/lib/notices/outbox";
import { type KeyRing, seal } from "@/lib/platform/key-ring";
import { openEnrolment, openFirstEnrolment } from "@/lib/security/enrol";
import { sealDestination, ticketDestinationPlace } from "@/lib/step-up/factors/sent-code/destination";
import { type Browser, challengeOf, dataOf, tampered, testSecrets, World } from "@/lib/testing/pipeline";
import { resealAll } from "./reseal";

const original = [...testSecrets.encryptionKeys];
const fresh = { id: "fresh", key: randomBytes(32) };

/** The keys of the app that runs: as after a restart with another ring. */
function appHas(ring: KeyRing): void {
  testSecrets.encryptionKeys.splice(0, testSecrets.encryptionKeys.length, ...ring);
}

async function mails(world: World, person: { id: string; email: string }): Promise<void> {
  const mail = { kind: "test", subject: "Hello", body: "A link" };
  await world.database.transaction((tx) => mailTo(tx, { personId: person.id, email: person.email }, mail));
}

describe.each(testDatabases)("sealing everything anew on $name", ({ name }) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(name);
  });
  afterEach(() => appHas(original));
  afterAll(() => world.close());

  /** Somebody with something in every column of the list. */
  async function somebody() {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const offer = dataOf(await browser.stepsUp(openEnrolment, { factor: "totp" }));
    await mails(world, theo);
    await theo.hasCodesBy("sms-code");
    const { enrolmentId } = offer;
    const place = ticketDestinationPlace(theo.id, enrolmentId);
    const destination = sealDestination(testSecrets.encryptionKeys, place, "+491701234567");
    await world.rows(
      sql`update enrolments set sealed_destination = ${destination} where id = ${enrolmentId}`,
    );
    return { theo, browser, offer };
  }

  async function plainTexts(ring: KeyRing): Promise<string[]> {
    const texts: string[] = [];
    for (const one of sealedColumns) {
      const rows = await world.reader
        .select({ sealed: sql`${one.column}`, ...one.facts })
        .from(one.table)
        .where(isNotNull(one.column));
      texts.push(...rows.map((row) => `${one.name} ${openRow(ring, one, row)}`));
    }
    return texts.sort();
  }

  it("changes the key of every column and the text of none", async () => {
    await somebody();
    const before = await plainTexts(original);
    expect(new Set(before.map((text) => text.split(" ")[0])).size).toBe(sealedColumns.length);
    const done = await resealAll(world.database, [fresh, ...original]);
    expect(done.map(({ column, rows }) => [column, rows > 0])).toEqual(
      sealedColumns.map((one) => [one.name, true]),
    );
    expect(await plainTexts([fresh])).toEqual(before);
    expect((await countSealed(world.reader)).every(({ keyId }) => keyId === "fresh")).toBe(true);
    const again = await resealAll(world.database, [fresh, ...original]);
    expect(again.every(({ rows }) => rows === 0)).toBe(true);
    await resealAll(world.database, [...original, fresh]);
  });

  it("loses nothing that the app writes meanwhile", async () => {
    appHas([fresh, ...original]);
    const browsers = await Promise.all(
      [1, 2, 3].map(async () => (await world.employee({ totp: true })).signsIn()),
    );
    const [{ person }] = browsers as [Browser];
    for (let count = 0; count < 150; count += 1) await mails(world, person);
    const acme = await world.customer();
    const [, ...answers] = await Promise.all([
      resealAll(world.database, [fresh, ...original]),
      ...browsers.map((browser) => browser.stepsUp(beginEdit, { customerId: acme.id })),
      ...browsers.map((browser) => mails(world, browser.person)),
    ]);
    expect(answers.filter((answer) => answer).map((answer) => answer?.status)).toEqual([
      "done",
      "done",
      "done",
    ]);
    await resealAll(world.database, [fresh, ...original]);
    expect(
      (await plainTexts([fresh])).filter((text) => / (unknown-key|tampered|malformed)$/.test(text)),
    ).toEqual([]);
    await resealAll(world.database, [...original, fresh]);
  });

  it("leaves alone what it can't open, and says how much that is", async () => {
    const { theo } = await somebody();
    const { authenticatorId } = theo;
    const [row] = await world.rows<{ sealed: string }>(
      sql`select sealed_seed as sealed from totp_seeds where authenticator_id = ${authenticatorId}`,
    );
    const broken = tampered(row?.sealed ?? "");
    await world.rows(
      sql`update totp_seeds set sealed_seed = ${broken} where authenticator_id = ${authenticatorId}`,
    );
    const done = await resealAll(world.database, [fresh, ...original]);
    expect(done.find(({ column }) => column === "totp_seeds.sealed_seed")?.unreadable).toBe(1);
    const [after] = await world.rows(
      sql`select sealed_seed as sealed from totp_seeds where authenticator_id = ${authenticatorId}`,
    );
    expect(after?.sealed).toBe(broken);
    await world.rows(
      sql`update totp_seeds set sealed_seed = ${row?.sealed} where authenticator_id = ${authenticatorId}`,
    );
    await resealAll(world.database, [...original, fresh]);
  });

  it("is noticed where a key is missing, or another one under its id", async () => {
    await somebody();
    expect(await readKeyFaults(world.reader, original)).toEqual([]);
    const { length } = sealedColumns;
    const [missing] = await readKeyFaults(world.reader, [fresh]);
    expect([missing?.keyId, missing?.because]).toEqual(["test", "missing"]);
    expect(Object.keys(missing?.rows ?? {})).toHaveLength(length);
    const [other] = await readKeyFaults(world.reader, [{ id: "test", key: fresh.key }]);
    expect([other?.keyId, other?.because]).toEqual(["test", "another-key"]);
  });

  it("a lost key drops no factor: it stays demanded, and what fails is said to person, log and operator", async () => {
    const { theo, browser } = await somebody();
    await world.rows(sql`update evidence set proved_at = proved_at - interval '1 day'`);
    const acme = await world.customer();
    appHas([fresh]);
    const asked = await browser.calls(beginEdit, { customerId: acme.id });
    expect(challengeOf(asked).factors.map(({ factor }) => factor)).toEqual(["totp"]);
    await theo.waitsForTheNextCode();
    const proof = await browser.answersWithCode(asked);
    const answer = await browser.calls(beginEdit, { customerId: acme.id }, { proof });
    expect(answer).toMatchObject({ status: "proof-rejected", reason: "unavailable" });
    const [told] = (await world.audit("customer.edit")).slice(-1);
    expect(told).toMatchObject({
      outcome: "refused",
      detail: {
        reason: "unavailable",
        note: `the seed of ${theo.authenticatorId} does not open`,
        reference: expect.stringMatching(/^[0-9a-f]{10}$/),
      },
    });
    expect(world.failures.map(String)).toEqual([
      `Error: totp: the seed of ${theo.authenticatorId} does not open`,
    ]);
    world.failures.length = 0;
    // "No second factor that works" is not "no second factor".
    expect(await browser.calls(openFirstEnrolment, {})).toMatchObject({ status: "forbidden" });
    expect((await browser.calls(beginEdit, { customerId: acme.id })).status).toBe("step-up-required");
    appHas(original);
    await theo.waitsForTheNextCode();
    expect((await browser.stepsUp(beginEdit, { customerId: acme.id })).status).toBe("done");
  });
});

describe("beside an app that holds a row, on PostgreSQL", () => {
  it("waits for nobody and overwrites nothing; the row comes the next time", async () => {
    const world = await World.open("PostgreSQL");
    const theo = await world.employee({ totp: true });
    await mails(world, theo);
    const mine = seal(original, Buffer.from("written meanwhile"), mailPlace("x"));
    await world.database.transaction(async (tx) => {
      await tx.execute(sql`update outbox set sealed_body = ${mine}`);
      const done = await resealAll(world.database, [fresh, ...original]);
      expect(done.map(({ column, rows }) => [column, rows])).toContainEqual(["outbox.sealed_body", 0]);
      expect(done.map(({ column, rows }) => [column, rows])).toContainEqual(["totp_seeds.sealed_seed", 1]);
    });
    const [row] = await world.rows<{ sealed: string }>(sql`select sealed_body as sealed from outbox`);
    expect(row?.sealed).toBe(mine);
    await world.close();
  });
});
