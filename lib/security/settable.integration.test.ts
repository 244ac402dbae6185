import { sql } from "drizzle-orm";
import { generate } from "otplib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import type { PolicyDocument } from "@/lib/policy/document";
import { protectedActions } from "@/lib/protected-actions";
import { type Browser, dataOf, password, World } from "@/lib/testing/pipeline";
import { activateAuthenticatorApp, activatePasskey, openEnrolment, openFirstEnrolment } from "./enrol";

describe.each(testDatabases.map(({ name }) => name))("what may be set up on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  const switches = (factors: PolicyDocument["factors"]) => world.policy({}, { factors });
  const opensFirst = async (browser: Browser) =>
    dataOf(await browser.confirms(openFirstEnrolment, {}, "password", { password }));
  const refused = { status: "invalid", message: expect.stringContaining("switched off") };

  it("is no app where apps are off: it would confirm nothing, and count as a second factor", async () => {
    await switches({ totp: false });
    const browser = await (await world.employee()).signsIn();
    const { kinds, enrolmentId, app } = await opensFirst(browser);
    expect(kinds).toEqual(["passkey"]);
    const code = await generate({ secret: app.key });
    expect(await browser.calls(activateAuthenticatorApp, { enrolmentId, code, name: "Phone" })).toMatchObject(
      refused,
    );
    expect(await world.count(sql`authenticators where user_id = ${browser.person.id}`)).toBe(0);
  });

  it("is no passkey where passkeys are off, by whatever vouches for it", async () => {
    await switches({ passkey: false });
    const browser = await (await world.employee({ totp: true })).signsIn();
    expect(await browser.stepsUp(openEnrolment, { factor: "passkey" })).toMatchObject(refused);
    const erins = await (await world.employee()).signsIn();
    const { kinds, enrolmentId } = await opensFirst(erins);
    expect(kinds).toEqual(["totp"]);
    expect(await erins.calls(activatePasskey, { enrolmentId, response: "{}" })).toMatchObject(refused);
  });

  it("is asked again when it is activated: it may have been switched off in between", async () => {
    await switches({});
    const browser = await (await world.employee()).signsIn();
    const { kinds, enrolmentId, app } = await opensFirst(browser);
    expect(kinds).toEqual(["passkey", "totp"]);
    await switches({ totp: false });
    const code = await generate({ secret: app.key });
    expect(await browser.calls(activateAuthenticatorApp, { enrolmentId, code, name: "Phone" })).toMatchObject(
      refused,
    );
  });

  it("is nothing that all rules of this person's role leave out", async () => {
    const rule = { factors: ["passkey" as const] };
    const asked = Object.entries(protectedActions).filter(
      ([, floor]) => floor.asks === "proof" && floor.factors.length > 0,
    );
    await world.policy(Object.fromEntries(asked.map(([name]) => [name, rule])));
    const browser = await (await world.employee()).signsIn();
    const { kinds, enrolmentId, app } = await opensFirst(browser);
    expect(kinds).toEqual(["passkey"]);
    const code = await generate({ secret: app.key });
    expect(await browser.calls(activateAuthenticatorApp, { enrolmentId, code, name: "Phone" })).toMatchObject(
      { status: "invalid", message: expect.stringContaining("your role doesn't accept it") },
    );
  });
});
