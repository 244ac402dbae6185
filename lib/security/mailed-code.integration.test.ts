import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { openLink } from "@/lib/links/links";
import { type Browser, dataOf, password, type Someone, World } from "@/lib/testing/pipeline";
import { activateAuthenticatorApp, openFirstEnrolment } from "./enrol";
import { confirmMailedCode } from "./mailed-code";
import { completeReset } from "./reset/complete-reset";

describe.each(testDatabases.map(({ name }) => name))("the mailed code on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind, { mail: true });
  });
  afterAll(() => world.close());

  /** As if the person had waited before the next one. */
  const waits = ({ id }: Someone, span = "5 minutes") =>
    world.rows(sql`update sent_codes set created_at = created_at - ${span}::interval where user_id = ${id}`);

  const opens = async (browser: Browser) =>
    dataOf(await browser.confirms(openFirstEnrolment, {}, "password", { password }));

  const activates = async (browser: Browser, offer: Awaited<ReturnType<typeof opens>>) => {
    const code = await browser.person.code(offer.app.key);
    return browser.calls(activateAuthenticatorApp, {
      enrolmentId: offer.enrolmentId,
      code,
      name: "Phone",
    });
  };

  const codeMailedTo = async ({ email }: Someone) =>
    /^\d{6}/.exec((await world.mailsTo(email))[0]?.body ?? "")?.[0] ?? "";

  const wrong = (code: string) => (code === "000000" ? "111111" : "000000");

  it("joins the password: without it nothing is activated, whatever the app shows", async () => {
    const theo = await world.employee();
    const browser = await theo.signsIn();
    const offer = await opens(browser);
    expect(offer.mailedTo).toMatch(/^.•••@keyturn\.example$/);
    expect(await activates(browser, offer)).toMatchObject({
      status: "invalid",
      message: "Type the code from the email first.",
    });
    const code = await codeMailedTo(theo);
    const { enrolmentId } = offer;
    expect(dataOf(await browser.calls(confirmMailedCode, { enrolmentId, code: wrong(code) }))).toMatchObject({
      confirmed: false,
    });
    expect((await activates(browser, offer)).status).toBe("invalid");
    expect(dataOf(await browser.calls(confirmMailedCode, { enrolmentId, code: ` ${code} ` }))).toEqual({
      confirmed: true,
    });
    expect((await activates(browser, offer)).status).toBe("done");
  });

  it("is good for its own set-up only", async () => {
    const theo = await world.employee();
    const browser = await theo.signsIn();
    const first = await opens(browser);
    const firstCode = await codeMailedTo(theo);
    await waits(theo);
    const second = await opens(browser);
    const secondCode = await codeMailedTo(theo);
    if (firstCode !== secondCode) {
      const crossed = { enrolmentId: second.enrolmentId, code: firstCode };
      expect(dataOf(await browser.calls(confirmMailedCode, crossed))).toMatchObject({ confirmed: false });
    }
    const thief = await (await world.employee()).signsIn();
    const stolen = { enrolmentId: second.enrolmentId, code: secondCode };
    expect(dataOf(await thief.calls(confirmMailedCode, stolen))).toMatchObject({ confirmed: false });
    const elsewhere = await theo.signsIn();
    expect(dataOf(await elsewhere.calls(confirmMailedCode, stolen))).toMatchObject({ confirmed: false });
    expect((await activates(browser, first)).status).toBe("invalid");
  });

  it("is guessed ten times an account, over all set-ups and in parallel, then waits", async () => {
    const theo = await world.employee();
    const browser = await theo.signsIn();
    const offers = [await opens(browser)];
    await waits(theo);
    offers.push(await opens(browser));
    const code = await codeMailedTo(theo);
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const { enrolmentId = "" } = offers[n % 2] ?? {};
        return dataOf(await browser.calls(confirmMailedCode, { enrolmentId, code: wrong(code) }));
      }),
    );
    const waiting = answers.filter((one) => !one.confirmed && one.retryAfterSeconds !== null);
    expect(waiting).toHaveLength(10);
    const right = { enrolmentId: offers[1]?.enrolmentId ?? "", code };
    expect(dataOf(await browser.calls(confirmMailedCode, right))).toMatchObject({ confirmed: false });
  });

  it("is refused in the log when it is wrong, stays counted, and its owner hears of many", async () => {
    const theo = await world.employee();
    const browser = await theo.signsIn();
    const { enrolmentId } = await opens(browser);
    const code = await codeMailedTo(theo);
    const logged = async () =>
      (await world.audit("security.confirm-mailed-code"))
        .filter(({ actorId }) => actorId === theo.id)
        .map(({ outcome, detail, repeats }) => ({ outcome, detail, repeats }));
    const guesses = async (times: number) => {
      for (let n = 0; n < times; n++)
        await browser.calls(confirmMailedCode, { enrolmentId, code: wrong(code) });
    };
    await guesses(2);
    expect(await logged()).toEqual([{ outcome: "refused", detail: { reason: "wrong" }, repeats: 2 }]);
    const [counted] = await world.rows(
      sql`select failures from code_attempts where user_id = ${theo.id} and budget = 'mail'`,
    );
    expect(counted).toEqual({ failures: 2 });
    await guesses(9);
    expect((await logged()).at(-1)).toMatchObject({
      outcome: "refused",
      detail: { reason: "too-many-tries" },
    });
    expect((await world.mailsTo(theo.email)).map(({ kind }) => kind)).toContain("too-many-tries");
    const maya = await world.employee();
    const hers = await maya.signsIn();
    const offer = await opens(hers);
    await hers.calls(confirmMailedCode, { enrolmentId: offer.enrolmentId, code: await codeMailedTo(maya) });
    const [allowed] = (await world.audit("security.confirm-mailed-code")).filter(
      ({ actorId }) => actorId === maya.id,
    );
    expect(allowed).toMatchObject({ outcome: "allowed", detail: {} });
  });

  it("ends with its set-up, after ten minutes", async () => {
    const theo = await world.employee();
    const browser = await theo.signsIn();
    const { enrolmentId } = await opens(browser);
    const code = await codeMailedTo(theo);
    await world.rows(sql`update enrolments set expires_at = now() where id = ${enrolmentId}`);
    expect(dataOf(await browser.calls(confirmMailedCode, { enrolmentId, code }))).toMatchObject({
      confirmed: false,
    });
  });

  it("floods no mailbox: whoever has the password gets three an hour, and none is sent after its end", async () => {
    const theo = await world.employee();
    const mails = async () =>
      (await world.mailsTo(theo.email)).filter(({ kind }) => kind === "enrolment-code");
    const thieves = await Promise.all(Array.from({ length: 8 }, () => theo.signsIn()));
    const answers = await Promise.all(
      thieves.map((one) => one.confirms(openFirstEnrolment, {}, "password", { password })),
    );
    expect(answers.filter(({ status }) => status === "done")).toHaveLength(3);
    expect(answers.filter(({ status }) => status !== "done")[0]).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("Try again in 60 minutes"),
    });
    expect(await mails()).toHaveLength(3);
    // Who was refused has the password: its owner hears of it, once, and the log says why.
    const warnings = (await world.mailsTo(theo.email)).filter((one) => one.kind === "too-many-codes");
    expect(warnings).toHaveLength(1);
    const refused = (await world.audit("security.enrol-first-factor")).filter(
      ({ actorId, outcome }) => actorId === theo.id && outcome === "refused",
    );
    expect(new Set(refused.map(({ detail }) => (detail as { reason?: string }).reason))).toEqual(
      new Set(["too-many-codes"]),
    );
    const [soonest] = await world.rows<{ seconds: number }>(
      sql`select extract(epoch from expires_at - created_at)::int as seconds from outbox
        where person_id = ${theo.id} and kind = 'enrolment-code'`,
    );
    expect(soonest?.seconds).toBe(600);
  });

  it("that was typed makes nobody wait for the next code", async () => {
    const theo = await world.employee();
    const browser = await theo.signsIn();
    const { enrolmentId } = await opens(browser);
    await browser.calls(confirmMailedCode, { enrolmentId, code: await codeMailedTo(theo) });
    expect((await opens(browser)).mailedTo).not.toBeNull();
  });

  it("can be typed again after a reset, where too many tries had turned it off", async () => {
    const theo = await world.employee();
    const browser = await theo.signsIn();
    const { enrolmentId } = await opens(browser);
    await world.rows(sql`insert into code_attempts (user_id, session_id, budget, known_device, failures, last_failed_at)
      values (${theo.id}, ${browser.sessionId}, 'mail', false, 100, now() - interval '1 day')`);
    const off = { confirmed: false, because: "too-many-tries", retryAfterSeconds: null };
    const code = await codeMailedTo(theo);
    expect(dataOf(await browser.calls(confirmMailedCode, { enrolmentId, code }))).toMatchObject(off);
    const { url } = await world.database.transaction((tx) =>
      openLink(tx, { purpose: "reset-password", personId: theo.id, lifetimeMinutes: 30 }),
    );
    const chosen = "seven bridges over the Pregel";
    await world.visits(completeReset, { token: url.split("#")[1] ?? "", password: chosen });
    const anew = await theo.signsIn();
    const again = dataOf(await anew.confirms(openFirstEnrolment, {}, "password", { password: chosen }));
    const right = { enrolmentId: again.enrolmentId, code: await codeMailedTo(theo) };
    expect(dataOf(await anew.calls(confirmMailedCode, right))).toEqual({ confirmed: true });
  });

  it("is nowhere in the database, and no hash of it that could be tried", async () => {
    const theo = await world.employee();
    const { enrolmentId } = await opens(await theo.signsIn());
    const code = await codeMailedTo(theo);
    const [row] = await world.rows<{ hash: string }>(
      sql`select mailed_code_hash as hash from enrolments where id = ${enrolmentId}`,
    );
    expect(row?.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await world.everythingStored()).not.toContain(`"${code}`);
  });
});
