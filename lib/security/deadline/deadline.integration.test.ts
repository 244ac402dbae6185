import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { testDatabases } from "@/db/testing";
import { keepDeadlines } from "@/lib/housekeeping/keep-deadlines";
import { dataOf, password, type Someone, World } from "@/lib/testing/pipeline";
import { activateAuthenticatorApp, openFirstEnrolment } from "../enrol";
import { finishSignIn } from "../finish-sign-in";
import { lockNow, signOut } from "../session-commands";
import { demandSecondFactor } from "./demand";

const day = 24 * 60 * 60;

describe.each(testDatabases.map(({ name }) => name))("a second factor by a deadline on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    await world.policy({});
    await demand();
  });

  const demand = (who?: Someone) => world.database.transaction((tx) => demandSecondFactor(tx, who?.id));
  const of = (enrolment: Record<string, { graceDays: number }>) => world.policy({}, { enrolment });
  /** Days that somebody has left; null: no deadline. */
  const daysLeft = async (someone: Someone): Promise<number | null> => {
    const [row] = await world.rows<{ days: number | null }>(
      sql`select extract(epoch from second_factor_by - now()) / ${day}::float8 as days from people where id = ${someone.id}`,
    );
    return row?.days == null ? null : Math.round(Number(row.days)) + 0;
  };
  const passes = async (someone: Someone, days: number) => {
    const earlier = sql`- make_interval(days => ${days})`;
    await world.rows(
      sql`update people set second_factor_by = second_factor_by ${earlier} where id = ${someone.id}`,
    );
    await world.rows(
      sql`update deadline_reminders set deadline = deadline ${earlier} where person_id = ${someone.id}`,
    );
  };
  const reminders = async (someone: Someone) =>
    (await world.mailsTo(someone.email)).filter(({ kind }) => kind === "second-factor-due");

  it("is set for whoever has none that works, in a role that must have one, and taken back with the demand", async () => {
    const [erin, theo, maya] = [
      await world.employee(),
      await world.employee({ totp: true }),
      await world.manager(),
    ];
    const nora = await world.employee({ totp: true });
    await world.rows(sql`update authenticators set suspended_at = now() where user_id = ${nora.id}`);
    await of({ employee: { graceDays: 14 } });
    await demand();
    expect(await Promise.all([erin, theo, maya, nora].map(daysLeft))).toEqual([14, null, null, 14]);
    await world.policy({});
    await demand();
    expect(await daysLeft(erin)).toBeNull();
  });

  it.each([
    ["an app, while apps are switched off", "totp", { totp: false }, ""],
    ["codes by SMS, while they are off", "sms-code", {}, ""],
    ["codes by email that a reset made void", "email-code", { "email-code": true }, "void_since = now()"],
    ["an app that was removed", "totp", {}, "removed_at = now()"],
  ] as const)("%s: is set and holds like with none", async (_what, factor, factors, made) => {
    const erin = await world.employee();
    if (factor === "totp") await erin.hasAnAuthenticatorApp();
    else await erin.hasCodesBy(factor);
    if (made) await world.rows(sql`update authenticators set ${sql.raw(made)} where user_id = ${erin.id}`);
    await world.policy({}, { enrolment: { employee: { graceDays: 0 } }, factors });
    await demand();
    expect(await daysLeft(erin)).toBe(0);
    expect(await (await erin.signsIn()).session()).toBeNull();
  });

  it("is met by codes that are sent, where they are on and the role's sign-in takes them", async () => {
    const [erin, ada] = [await world.employee(), await world.administrator()];
    for (const one of [erin, ada]) await one.hasCodesBy("sms-code");
    const demanded = { graceDays: 0 };
    const enrolment = { employee: demanded, administrator: demanded };
    await world.policy({}, { enrolment, factors: { "sms-code": true } });
    await demand();
    expect([await daysLeft(erin), await daysLeft(ada)]).toEqual([null, 0]);
    expect(await (await erin.signsIn()).session()).not.toBeNull();
    expect(await (await ada.signsIn()).session()).toBeNull();
  });

  it("is postponed by no saving of the policy, and comes earlier with a shorter one", async () => {
    const erin = await world.employee();
    await of({ employee: { graceDays: 14 } });
    await demand();
    await passes(erin, 4);
    await demand();
    expect(await daysLeft(erin)).toBe(10);
    await of({ employee: { graceDays: 30 } });
    await demand();
    expect(await daysLeft(erin)).toBe(10);
    await of({ employee: { graceDays: 3 } });
    await demand(erin);
    expect(await daysLeft(erin)).toBe(3);
  });

  it("follows a change of role, and whoever forgot to ask: housekeeping does", async () => {
    const erin = await world.employee();
    await of({ manager: { graceDays: 5 } });
    await keepDeadlines(world.database);
    expect(await daysLeft(erin)).toBeNull();
    await world.rows(sql`update people set role = 'manager' where id = ${erin.id}`);
    await keepDeadlines(world.database);
    expect(await daysLeft(erin)).toBe(5);
    await world.rows(sql`update people set role = 'employee' where id = ${erin.id}`);
    await demand(erin);
    expect(await daysLeft(erin)).toBeNull();
  });

  it("stops what is open at the first request after it, and lets through what sets one up, and the way out", async () => {
    const erin = await world.employee();
    const browser = await erin.signsIn();
    await of({ employee: { graceDays: 2 } });
    await demand(erin);
    expect((await browser.session())?.secondFactorBy).toBeInstanceOf(Date);
    await passes(erin, 2);
    expect(await browser.session()).toBeNull();
    expect(await browser.calls(lockNow, {})).toEqual({ status: "signed-out", because: "held" });
    expect(await browser.calls(finishSignIn, { trustDevice: false })).toMatchObject({
      status: "enrolment-required",
      first: true,
    });
    const offer = dataOf(await browser.confirms(openFirstEnrolment, {}, "password", { password }));
    dataOf(
      await browser.calls(activateAuthenticatorApp, {
        enrolmentId: offer.enrolmentId,
        code: await erin.code(offer.app.key),
        name: "Phone",
      }),
    );
    expect((await browser.session())?.secondFactorBy).toBeNull();
    expect(await daysLeft(erin)).toBeNull();
    const second = await (await overdue()).signsIn();
    expect((await second.calls(signOut, {})).status).toBe("done");
  });

  const overdue = async () => {
    const someone = await world.employee();
    await of({ employee: { graceDays: 0 } });
    await demand(someone);
    return someone;
  };

  it("holds nobody whose factor works, whatever the column says", async () => {
    const theo = await world.employee({ totp: true });
    await world.rows(
      sql`update people set second_factor_by = now() - interval '1 day' where id = ${theo.id}`,
    );
    expect(await (await theo.signsIn()).session()).not.toBeNull();
  });

  it("is told by mail 7 days and 1 day before, once each, whichever process comes to it", async () => {
    const erin = await world.employee();
    await of({ employee: { graceDays: 30 } });
    await keepDeadlines(world.database);
    expect(await reminders(erin)).toHaveLength(0);
    await passes(erin, 23);
    await Promise.all([keepDeadlines(world.database), keepDeadlines(world.database)]);
    await keepDeadlines(world.database);
    expect(await reminders(erin)).toHaveLength(1);
    await passes(erin, 6);
    await keepDeadlines(world.database);
    await keepDeadlines(world.database);
    const mails = await reminders(erin);
    expect(mails.length).toBe(2);
    expect(mails[0]?.body).toMatch(/Set one up before .* UTC.*\/settings\/security/s);
    await passes(erin, 1);
    await keepDeadlines(world.database);
    expect(await reminders(erin)).toHaveLength(2);
  });

  it("of a day is told once", async () => {
    const erin = await world.employee();
    await of({ employee: { graceDays: 1 } });
    await keepDeadlines(world.database);
    await keepDeadlines(world.database);
    expect(await reminders(erin)).toHaveLength(1);
  });

  it("without days of grace stops people at once, and tells them once", async () => {
    const erin = await world.employee();
    await of({ employee: { graceDays: 0 } });
    await keepDeadlines(world.database);
    await keepDeadlines(world.database);
    expect((await reminders(erin)).map(({ subject }) => subject)).toEqual(["Set up your second factor now"]);
  });

  it("goes on with housekeeping where the policy cannot be read, and says so", async () => {
    const said = vi.spyOn(console, "error").mockReturnValue();
    await world.policy({}, { enrolment: "everybody" });
    await keepDeadlines(world.database);
    expect(said).toHaveBeenCalledOnce();
    said.mockRestore();
  });
});
