import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { testDatabases } from "@/db/testing";
import { beginEdit } from "@/lib/customers/begin-edit";
import { changeBankDetails } from "@/lib/customers/change-bank-details";
import { editCustomer } from "@/lib/customers/edit-customer";
import { lockNow, signOut } from "@/lib/security/session-commands";
import { type Browser, bankChange, challengeOf, edit, World } from "@/lib/testing/pipeline";
import { rotateSecret } from "./rotation";

describe.each(testDatabases.map(({ name }) => name))("a session on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  const signedOut = { status: "signed-out", because: "no-session" };

  /** A browser that stepped up, and the holder of a copy of the cookie from before. */
  async function afterAStepUp(): Promise<{
    browser: Browser;
    copied: Browser;
    acme: { id: string; version: number };
  }> {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const copied = browser.copy();
    const acme = await world.customer();
    expect((await browser.stepsUp(beginEdit, { customerId: acme.id })).status).toBe("done");
    return { browser, copied, acme };
  }

  it("keeps nothing in the database that signs anyone in", async () => {
    const { browser, copied } = await afterAStepUp();
    const stored = await world.everythingStored();
    expect(stored).not.toContain(browser.cookie.secret);
    expect(stored).not.toContain(copied.cookie.secret);
    const [row] = await world.rows<{ hash: string }>(
      sql`select secret_hash as hash from sessions where id = ${browser.sessionId}`,
    );
    expect(
      await world.readSession({ sessionId: browser.sessionId, secret: row?.hash ?? "" }, null),
    ).toBeNull();
  });

  it("holds for no act that is under way when its person's account is closed", async () => {
    const { browser, acme } = await afterAStepUp();
    const request = browser.holdsItsSession(await browser.session());
    await world.rows(sql`update people set disabled_at = now() where id = ${browser.person.id}`);
    expect((await request.calls(editCustomer, edit(acme, { city: "Kiel" }))).status).toBe("failed");
    expect(await world.customerRow(acme.id)).toMatchObject({ version: 1 });
  });

  it("never lends its elevation to the cookie from before the step-up, but lets it read on", async () => {
    const { copied } = await afterAStepUp();
    const session = await copied.session();
    expect(session).toMatchObject({ presented: "predecessor", successorSeen: false });
  });

  it("asks the predecessor for a step-up of its own while the successor was never seen: the answer may be lost", async () => {
    const { browser, copied, acme } = await afterAStepUp();
    const asked = await copied.calls(editCustomer, edit(acme, { city: "Kiel" }));
    expect(challengeOf(asked).reasons).toContainEqual({ code: "older-cookie" });
    expect(await world.customerRow(acme.id)).toMatchObject({ version: 1 });
    // Proved again, it goes on, and the cookie that got lost is worth nothing.
    await browser.person.waitsForTheNextCode();
    const done = await copied.calls(editCustomer, edit(acme, { city: "Kiel" }), {
      proof: await copied.answersWithCode(asked),
    });
    expect(done.status).toBe("done");
    expect(await browser.calls(editCustomer, edit(acme, { city: "Jena" }))).toEqual(signedOut);
    expect((await copied.calls(editCustomer, edit({ ...acme, version: 2 }, { city: "Ulm" }))).status).toBe(
      "done",
    );
  });

  it("tells a write under the predecessor to repeat with the new cookie, once that one has come back", async () => {
    const { browser, copied, acme } = await afterAStepUp();
    expect((await browser.session())?.presented).toBe("current");
    const before = await world.spent();
    for (const [command, input] of [
      [editCustomer, edit(acme, { city: "Kiel" })],
      [changeBankDetails, bankChange(acme)],
      [lockNow, {}],
    ] as const) {
      expect(await copied.calls(command as typeof editCustomer, input)).toEqual({
        status: "session-renewed",
      });
    }
    expect(await world.spent()).toEqual(before);
    expect((await world.customerRow(acme.id)).version).toBe(1);
  });

  it("can be locked and signed out by a browser that lost the new cookie: repeating would never end", async () => {
    const { browser, copied, acme } = await afterAStepUp();
    expect((await copied.calls(lockNow, {})).status).toBe("done");
    expect((await copied.calls(signOut, {})).status).toBe("done");
    expect(await browser.calls(editCustomer, edit(acme))).toEqual(signedOut);
  });

  it("gives the new cookie the time that the session has left by the database's clock, whatever the app's says", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const session = await browser.session();
    if (!session) throw new Error("not signed in");
    const tomorrow = Date.now() + 24 * 60 * 60 * 1000;
    const now = vi.spyOn(Date, "now").mockReturnValue(tomorrow);
    const rotation = await world.database.transaction((tx) => rotateSecret(tx, session));
    now.mockRestore();
    expect(rotation?.maxAgeSeconds).toBeGreaterThan(12 * 60 * 60 - 60);
    expect(rotation?.maxAgeSeconds).toBeLessThanOrEqual(12 * 60 * 60);
  });

  it("ends the predecessor 30 s after the successor is first presented", async () => {
    const { browser, copied, acme } = await afterAStepUp();
    await browser.session();
    const seenBefore = (seconds: number) =>
      world.rows(
        sql`update sessions set successor_seen_at = now() - make_interval(secs => ${seconds}) where id = ${browser.sessionId}`,
      );
    await seenBefore(25);
    expect(await copied.session()).not.toBeNull();
    await seenBefore(30);
    expect(await copied.session()).toBeNull();
    expect(await copied.calls(editCustomer, edit(acme))).toEqual(signedOut);
    expect((await browser.calls(editCustomer, edit(acme, { city: "Kiel" }))).status).toBe("done");
  });

  it("does not move the first presentation by later ones", async () => {
    const { browser } = await afterAStepUp();
    await browser.session();
    const [first] = await world.rows<{ at: string }>(
      sql`select successor_seen_at::text as at from sessions where id = ${browser.sessionId}`,
    );
    await browser.session();
    await browser.session();
    expect(
      await world.rows(
        sql`select successor_seen_at::text as at from sessions where id = ${browser.sessionId}`,
      ),
    ).toEqual([first]);
    expect(first?.at).toBeTruthy();
  });

  it("ends the predecessor's predecessor at the next rotation", async () => {
    const { browser, copied, acme } = await afterAStepUp();
    await browser.person.waitsForTheNextCode();
    expect((await browser.stepsUp(changeBankDetails, bankChange(acme))).status).toBe("done");
    expect(await copied.session()).toBeNull();
  });

  it("rotates once for two step-ups at once under one cookie: the other sets none, and both are done", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const tab = browser.copy();
    const [acme, other] = [await world.customer(), await world.customer()];
    const [one, two] = [
      await browser.calls(beginEdit, { customerId: acme.id }),
      await tab.calls(beginEdit, { customerId: other.id }),
    ];
    const [proofOne, proofTwo] = [await browser.answersWithCode(one), await tab.answersWithCode(two)];
    // Both requests were read under the old cookie; the second code is a newer one.
    const [session, sameSession] = [await browser.session(), await tab.session()];
    expect([session?.presented, sameSession?.presented]).toEqual(["current", "current"]);
    const held = tab.holdsItsSession(sameSession);
    const first = await browser.calls(beginEdit, { customerId: acme.id }, { proof: proofOne });
    await theo.waitsForTheNextCode();
    const second = await held.calls(beginEdit, { customerId: other.id }, { proof: proofTwo });
    expect([first.status, second.status]).toEqual(["done", "done"]);
    expect(browser.delivered).toHaveLength(1);
    expect(held.delivered).toHaveLength(0);
    expect((await browser.session())?.presented).toBe("current");
  });

  it("that was signed out is signed out for every copy of its cookie", async () => {
    const { browser, copied, acme } = await afterAStepUp();
    expect((await browser.calls(signOut, {})).status).toBe("done");
    expect(await browser.calls(editCustomer, edit(acme))).toEqual(signedOut);
    expect(await copied.calls(editCustomer, edit(acme))).toEqual(signedOut);
    expect(
      (await world.audit("session.sign-out")).filter((row) => row.sessionId === browser.sessionId),
    ).toMatchObject([{ outcome: "allowed" }]);
  });

  it("that ends between the proof and the change changes nothing", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const acme = await world.customer();
    await browser.stepsUp(beginEdit, { customerId: acme.id });
    const held = browser.holdsItsSession(await browser.session());
    await world.rows(
      sql`update sessions set ended_at = now(), ended_because = 'revoked' where id = ${browser.sessionId}`,
    );
    expect((await held.calls(editCustomer, edit(acme, { city: "Kiel" }))).status).toBe("failed");
    expect((await world.customerRow(acme.id)).version).toBe(1);
    world.failures.length = 0;
  });

  it("that is locked between the decision and the change changes nothing", async () => {
    const browser = await (await world.employee({ totp: true })).signsIn();
    const acme = await world.customer();
    await browser.stepsUp(beginEdit, { customerId: acme.id });
    const held = browser.holdsItsSession(await browser.session());
    expect((await browser.calls(lockNow, {})).status).toBe("done");
    expect((await held.calls(editCustomer, edit(acme, { city: "Kiel" }))).status).toBe("failed");
    expect((await world.customerRow(acme.id)).version).toBe(1);
    world.failures.length = 0;
  });

  it("loses its elevation to Lock now, and only its own", async () => {
    const theo = await world.employee({ totp: true });
    const [desk, phone] = [await theo.signsIn(), await theo.signsIn()];
    const acme = await world.customer();
    await desk.stepsUp(beginEdit, { customerId: acme.id });
    await theo.waitsForTheNextCode();
    await phone.stepsUp(beginEdit, { customerId: acme.id });
    await desk.calls(lockNow, {});
    expect(challengeOf(await desk.calls(beginEdit, { customerId: acme.id })).reasons).toContainEqual({
      code: "locked-since",
    });
    expect((await phone.calls(beginEdit, { customerId: acme.id })).status).toBe("done");
  });

  it("refuses a page that was rendered for somebody else: the next person's form is not saved in another name", async () => {
    const [theo, maya] = [await world.employee({ totp: true }), await world.employee({ totp: true })];
    const browser = await maya.signsIn();
    const acme = await world.customer();
    await browser.stepsUp(beginEdit, { customerId: acme.id });
    const result = await browser.calls(editCustomer, edit(acme, { city: "Kiel" }), { person: theo.id });
    expect(result).toEqual({ status: "signed-out", because: "other-person" });
    expect((await world.customerRow(acme.id)).version).toBe(1);
  });

  it.each([
    ["a secret of nobody", (cookie: Browser["cookie"]) => ({ ...cookie, secret: "A".repeat(43) })],
    [
      "another session's id",
      (cookie: Browser["cookie"]) => ({ ...cookie, sessionId: "00000000-0000-4000-8000-000000000000" }),
    ],
    ["an empty secret", (cookie: Browser["cookie"]) => ({ ...cookie, secret: "" })],
  ])("is not opened by %s", async (_what, forged) => {
    const browser = await (await world.employee()).signsIn();
    browser.cookie = forged(browser.cookie);
    expect(await browser.calls(lockNow, {})).toEqual(signedOut);
  });

  it("ends after 30 minutes without use, and not before", async () => {
    const browser = await (await world.employee()).signsIn();
    const idle = (seconds: number) =>
      world.rows(
        sql`update sessions set last_seen_at = now() - make_interval(secs => ${seconds}) where id = ${browser.sessionId}`,
      );
    await idle(30 * 60 - 5);
    expect(await browser.session()).not.toBeNull();
    // That use counted: the half hour begins again.
    const [row] = await world.rows<{ s: number }>(
      sql`select extract(epoch from now() - last_seen_at)::int as s from sessions where id = ${browser.sessionId}`,
    );
    expect(row?.s).toBeLessThan(5);
    await idle(30 * 60);
    expect(await browser.calls(lockNow, {})).toEqual(signedOut);
  });

  it("ends after 12 hours, however busy it was and however often it rotated", async () => {
    const { browser, acme } = await afterAStepUp();
    const [row] = await world.rows<{ h: number }>(
      sql`select round(extract(epoch from expires_at - created_at) / 3600)::int as h from sessions where id = ${browser.sessionId}`,
    );
    expect(row?.h).toBe(12);
    await world.rows(sql`update sessions set expires_at = now() where id = ${browser.sessionId}`);
    expect(await browser.calls(editCustomer, edit(acme))).toEqual(signedOut);
  });

  it("writes its last use at most once a minute", async () => {
    const browser = await (await world.employee()).signsIn();
    world.queries = [];
    await browser.session();
    await browser.session();
    expect(world.queries.filter((one) => /^update/i.test(one))).toEqual([]);
    await world.rows(
      sql`update sessions set last_seen_at = now() - interval '61 seconds' where id = ${browser.sessionId}`,
    );
    world.queries = [];
    await browser.session();
    await browser.session();
    expect(world.queries.filter((one) => /^update "sessions"/i.test(one))).toHaveLength(1);
  });

  it("feels a change of role and of team at the next call", async () => {
    const { browser, acme } = await afterAStepUp();
    await world.rows(sql`update people set role = 'administrator' where id = ${browser.person.id}`);
    expect((await browser.calls(editCustomer, edit(acme, { city: "Kiel" }))).status).toBe("forbidden");
    await world.rows(
      sql`update people set role = 'employee', team_id = ${await world.newTeam()} where id = ${browser.person.id}`,
    );
    expect((await browser.calls(editCustomer, edit(acme, { city: "Kiel" }))).status).toBe("forbidden");
    await world.rows(sql`update people set team_id = ${world.team} where id = ${browser.person.id}`);
    expect((await browser.calls(editCustomer, edit(acme, { city: "Kiel" }))).status).toBe("done");
  });

  it("of a disabled person is over at once", async () => {
    const { browser, acme } = await afterAStepUp();
    await world.rows(sql`update people set disabled_at = now() where id = ${browser.person.id}`);
    expect(await browser.calls(editCustomer, edit(acme))).toEqual(signedOut);
  });

  it("of a demo account is none where demo mode is off", async () => {
    const withoutDemo = await World.open(kind, { demo: false });
    const demo = await (await withoutDemo.employee({ demo: true })).signsIn();
    const real = await (await withoutDemo.employee()).signsIn();
    const results = [await demo.calls(lockNow, {}), await real.calls(lockNow, {})];
    await withoutDemo.close();
    expect(results).toEqual([signedOut, { status: "done", data: null }]);
    expect((await (await (await world.employee({ demo: true })).signsIn()).calls(lockNow, {})).status).toBe(
      "done",
    );
  });
});
