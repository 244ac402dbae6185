import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { type Environment, environment } from "@/lib/platform/env";
import { type Browser, dataOf, password, type Someone, World } from "@/lib/testing/pipeline";
import { openFirstEnrolment } from "./enrol";
import { sendEnrolmentCode } from "./enrol-codes";

/*
 * Text messages cost money, and whoever has accounts could have many sent to numbers of their own ("SMS pumping"), or
 * flood somebody else's: the limits beyond one account's (docs/decisions/017).
 */
describe.each(testDatabases.map(({ name }) => name))("text messages of many accounts on %s", (kind) => {
  let world: World;
  let before: Environment;
  beforeAll(async () => {
    world = await World.open(kind);
    before = environment();
    await world.policy({}, { factors: { "sms-code": true } });
    await world.administrators();
  });
  afterEach(async () => {
    globalThis.keyturnEnvironment = before;
    await world.rows(sql`delete from sent_codes`);
    await world.rows(sql`delete from outbox`);
  });
  afterAll(() => world.close());

  type Setting = { browser: Browser; person: Someone; enrolmentId: string };
  const setsUp = async (): Promise<Setting> => {
    const person = await world.employee();
    const browser = await person.signsIn();
    const offer = dataOf(await browser.confirms(openFirstEnrolment, {}, "password", { password }));
    return { browser, person, enrolmentId: offer.enrolmentId };
  };
  const many = async (count: number) => {
    const all: Setting[] = [];
    for (let n = 0; n < count; n++) all.push(await setsUp());
    return all;
  };
  const sends = async ({ browser, enrolmentId }: Setting, number: string) =>
    dataOf(await browser.calls(sendEnrolmentCode, { enrolmentId, factor: "sms-code", number }));
  const texts = () => world.count(sql`outbox where channel = 'sms'`);
  const ceilingOf = (mostTextsAnHour: number) => {
    globalThis.keyturnEnvironment = { ...before, mostTextsAnHour };
  };

  it("to one number are few, whatever the accounts and however they come together", async () => {
    const answers = await Promise.all((await many(20)).map((one) => sends(one, "+491709999999")));
    expect(answers.filter(({ sent }) => sent)).toHaveLength(3);
    expect(answers.find(({ sent }) => !sent)).toMatchObject({
      because: "destination",
      retryAfterSeconds: 3600,
    });
    expect(await texts()).toBe(3);
    expect(await world.count(sql`outbox where kind = 'too-many-codes'`)).toBe(0);
    expect(await world.everythingStored()).not.toContain("1709999999");
    // Another number is none the worse for it.
    expect(await sends(await setsUp(), "+491708888888")).toMatchObject({ sent: true });
  });

  it("are counted by number after the keys were rotated, too", async () => {
    const rotated = { id: "2", key: Buffer.alloc(32, 7) };
    for (const one of await many(3)) await sends(one, "+491707777777");
    const secrets = globalThis.keyturnSecrets;
    if (!secrets) throw new Error("no secrets");
    globalThis.keyturnSecrets = { ...secrets, encryptionKeys: [rotated, ...secrets.encryptionKeys] };
    try {
      expect(await sends(await setsUp(), "+491707777777")).toMatchObject({ because: "destination" });
    } finally {
      globalThis.keyturnSecrets = secrets;
    }
  });

  it("are no more in an hour than the installation allows, together too; the administrators hear of it once", async () => {
    const all = await many(12);
    ceilingOf(5);
    await world.rows(sql`delete from outbox`);
    const answers = await Promise.all(all.map((one, n) => sends(one, `+4917012345${10 + n}`)));
    expect(answers.filter(({ sent }) => sent)).toHaveLength(5);
    expect(answers.find(({ sent }) => !sent)).toMatchObject({ because: "installation" });
    expect(await texts()).toBe(5);
    expect(await world.audit("sending.stopped")).toMatchObject([{ outcome: "allowed", actorId: null }]);
    const told = await world.rows(sql`select recipient from outbox where kind = 'texts-stopped'`);
    expect(told).toHaveLength(2);
    // They go out again when the hour is over.
    await world.rows(sql`update outbox set created_at = created_at - interval '61 minutes'`);
    await world.rows(sql`update sent_codes set created_at = created_at - interval '61 minutes'`);
    const [first] = all;
    expect(first && (await sends(first, "+491701234599"))).toMatchObject({ sent: true });
  });
});
