import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { type Browser, dataOf, type Someone, World } from "@/lib/testing/pipeline";
import { demandSecondFactor } from "./deadline/demand";
import { openEnrolment } from "./enrol";
import { finishingKinds, readWaysOn } from "./ways-on";

describe.each(testDatabases.map(({ name }) => name))("what can finish a held sign-in on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  const passkeysAlone = { "session.finish-sign-in": { factors: ["passkey"] } };
  const demanded = { enrolment: { employee: { graceDays: 0 } } };
  const puts = async (actions: object, rest: object = {}) => {
    await world.policy(actions, rest);
    await world.database.transaction((tx) => demandSecondFactor(tx));
  };
  const sessionOf = async (browser: Browser) => {
    const session = await browser.sessionFor("session.finish-sign-in");
    if (!session || session === "held") throw new Error("it opens not even that");
    return session;
  };
  const waysOn = async (someone: Someone) =>
    readWaysOn(world.reader, await sessionOf(await someone.signsIn({ awaits: ["always"] })));
  const loses = (someone: Someone) =>
    world.rows(sql`update authenticators set suspended_at = now() where user_id = ${someone.id}`);

  it("is the gates' to say: what they have, a first one, a recovery code, or nobody but an administrator", async () => {
    await puts({});
    const [erin, theo] = [await world.employee(), await world.employee({ totp: true })];
    expect([await waysOn(erin), await waysOn(theo)]).toEqual(["none", "some"]);
    await theo.hasRecoveryCodes();
    await loses(theo);
    expect(await waysOn(theo)).toBe("recovery");
    await puts({}, { factors: { "recovery-code": false } });
    expect(await waysOn(theo)).toBe("lost");
  });

  it("an app that sign-in takes no more sets up what it takes, though a second factor is due and no code is left", async () => {
    const theo = await world.employee({ totp: true });
    await puts(passkeysAlone, demanded);
    const browser = await theo.signsIn();
    expect(await browser.session()).toBeNull();
    const session = await sessionOf(browser);
    expect(await readWaysOn(world.reader, session)).toBe("another");
    expect(finishingKinds(session)).toEqual(["passkey"]);
    expect(dataOf(await browser.stepsUp(openEnrolment, { factor: "passkey" })).kinds).toContain("passkey");
    // Codes besides are no reason to spend one.
    await theo.hasRecoveryCodes();
    expect(await waysOn(theo)).toBe("another");
  });
});
