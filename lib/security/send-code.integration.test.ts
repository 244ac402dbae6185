import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sentCodes } from "@/db/schema/step-up";
import { testDatabases } from "@/db/testing";
import { viewContract } from "@/lib/contracts/view-contract";
import { beginEdit } from "@/lib/customers/begin-edit";
import { requirementOf } from "@/lib/policy/policy";
import type { ActionResult } from "@/lib/step-up/action-result";
import { openChallenge } from "@/lib/step-up/challenge";
import type { SentCodeOptions } from "@/lib/step-up/factors/sent-code/sent-code";
import { type Browser, challengeOf, dataOf, type Someone, testSecrets, World } from "@/lib/testing/pipeline";
import { changePassword } from "./change-password";
import { sendCode } from "./send-code";
import { lockNow } from "./session-commands";

describe.each(testDatabases.map(({ name }) => name))("codes that are sent on %s", (kind) => {
  let world: World;
  let erin: Someone;
  let sms: string;
  let browser: Browser;
  let acme: { id: string; version: number };

  beforeAll(async () => {
    world = await World.open(kind);
    acme = await world.customer();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    await switches({ "email-code": true, "sms-code": true });
    erin = await world.employee();
    sms = await erin.hasCodesBy("sms-code");
    browser = await erin.signsIn();
  });

  const switches = (factors: object) => world.policy({}, { factors });
  const asks = (by = browser, customerId = acme.id) => by.calls(beginEdit, { customerId });
  const sends = (asked: ActionResult<unknown>, by = browser, authenticatorId = sms) =>
    by.calls(sendCode, { token: challengeOf(asked).token, authenticatorId });
  const answers = async (code: string, by = browser, customerId = acme.id) =>
    by.calls(
      beginEdit,
      { customerId },
      { proof: by.answers(await asks(by, customerId), "sms-code", { code }) },
    );
  const messages = (of = erin) => world.count(sql`outbox where person_id = ${of.id} and kind = 'code'`);
  const tries = () => world.count(sql`code_attempts where user_id = ${erin.id} and budget = 'codes'`);
  /** As if the person had waited before the next one. */
  const waits = (of = erin, span = "5 minutes") =>
    world.rows(
      sql`update sent_codes set created_at = created_at - ${span}::interval where user_id = ${of.id}`,
    );
  /** As if the person had proved a factor on this device before. */
  const knows = (by: Browser) =>
    world.rows(sql`insert into device_factors (device_hash, user_id, last_factor)
      select device_hash, person_id, 'sms-code' from sessions where id = ${by.sessionId} on conflict do nothing`);

  it("go out on a click, never by opening the prompt, and unlock daily work", async () => {
    const asked = await asks();
    expect(challengeOf(asked).factors).toMatchObject([{ factor: "sms-code", options: { sent: null } }]);
    expect(await messages()).toBe(0);
    expect(dataOf(await sends(asked))).toEqual({ sent: true });
    expect(await messages()).toBe(1);
    const again = await asks();
    expect(challengeOf(again).factors).toMatchObject([{ options: { sent: { delivery: "waiting" } } }]);
    const before = browser.cookie.secret;
    expect((await answers(await erin.newestCode())).status).toBe("done");
    expect(browser.cookie.secret).not.toBe(before);
    expect((await asks()).status).toBe("done");
    const rows = (await world.audit("session.send-code")).filter(({ actorId }) => actorId === erin.id);
    expect(rows).toMatchObject([{ outcome: "allowed", authenticatorId: sms }]);
  });

  it("tell neither code nor number to a reader of the database, and neither record nor person to a phone network", async () => {
    await sends(await asks());
    const code = await erin.newestCode();
    const stored = await world.everythingStored();
    expect(stored).not.toMatch(new RegExp(`\\b${code}\\b`));
    expect(stored).not.toMatch(/\+49170\d{7}/);
  });

  it("answer the same confirmation after a typing error: no second message is needed", async () => {
    await sends(await asks());
    const code = await erin.newestCode();
    const wrong = code === "000000" ? "000001" : "000000";
    expect(await answers(wrong)).toMatchObject({ status: "proof-rejected", reason: "wrong", triesLeft: 9 });
    expect((await answers(code)).status).toBe("done");
    expect(await messages()).toBe(1);
    expect(await tries()).toBe(0);
  });

  it("answer nothing else: another record, action, session or person (threats.md 3, 4)", async () => {
    await sends(await asks());
    const code = await erin.newestCode();
    const wrong = { status: "proof-rejected", reason: "wrong" };
    const other = await world.customer();
    expect(await answers(code, browser, other.id)).toMatchObject(wrong);
    const contract = await world.contract(acme.id);
    const view = { customerId: acme.id, contractId: contract.id };
    const asked = await browser.calls(viewContract, view);
    const proof = browser.answers(asked, "sms-code", { code });
    expect(await browser.calls(viewContract, view, { proof })).toMatchObject(wrong);
    expect(await answers(code, await erin.signsIn())).toMatchObject(wrong);
    const mallory = await world.employee();
    await mallory.hasCodesBy("sms-code");
    expect(await answers(code, await mallory.signsIn())).toMatchObject(wrong);
    // Each was counted; the code itself is as it was.
    expect(await world.count(sql`code_attempts where user_id = ${erin.id}`)).toBe(2);
    expect((await answers(code)).status).toBe("done");
  });

  it("pass once of fifty that come together", async () => {
    await sends(await asks());
    const code = await erin.newestCode();
    const asked = await Promise.all(Array.from({ length: 50 }, () => asks()));
    const results = await Promise.all(
      asked.map((one) =>
        browser
          .copy()
          .calls(beginEdit, { customerId: acme.id }, { proof: browser.answers(one, "sms-code", { code }) }),
      ),
    );
    expect(results.filter(({ status }) => status === "done").length).toBeGreaterThanOrEqual(1);
    expect(await world.count(sql`evidence where user_id = ${erin.id}`)).toBe(1);
    expect(await world.count(sql`sent_codes where user_id = ${erin.id} and used_at is not null`)).toBe(1);
  });

  it("share the account's budget of codes with its app (threats.md 10)", async () => {
    await erin.hasAnAuthenticatorApp();
    await sends(await asks());
    const code = await erin.newestCode();
    const wrong = code === "000000" ? "000001" : "000000";
    for (let n = 0; n < 10; n++) await answers(wrong);
    expect((await answers(code)).status).toBe("rate-limited");
    const byApp = await browser.answersWithCode(await asks());
    expect((await browser.calls(beginEdit, { customerId: acme.id }, { proof: byApp })).status).toBe(
      "rate-limited",
    );
  });

  it("go out once for a call whose answer was lost", async () => {
    const input = { token: challengeOf(await asks()).token, authenticatorId: sms };
    const callId = randomUUID();
    const first = await browser.calls(sendCode, input, { callId });
    expect(await browser.calls(sendCode, input, { callId })).toEqual(first);
    expect(await messages()).toBe(1);
  });

  it("go out for no challenge of another person's or session's, and none that is answered, locked or over", async () => {
    const over = { sent: false, because: "over" };
    const foreign = await asks(await erin.signsIn());
    expect(dataOf(await sends(foreign))).toMatchObject(over);
    const mallory = await world.employee();
    await mallory.hasCodesBy("sms-code");
    expect(dataOf(await sends(await asks(await mallory.signsIn())))).toMatchObject(over);
    expect((await browser.calls(sendCode, { token: "v1.k.a.b", authenticatorId: sms })).status).toBe(
      "forbidden",
    );

    const asked = await asks();
    await browser.calls(
      beginEdit,
      { customerId: acme.id },
      { proof: browser.answers(asked, "sms-code", { code: "1" }) },
    );
    expect(dataOf(await sends(asked))).toMatchObject(over);

    const before = await asks();
    await browser.calls(lockNow, {});
    expect(dataOf(await sends(before))).toMatchObject(over);
    expect(await messages()).toBe(0);
    expect(dataOf(await sends(await asks()))).toEqual({ sent: true });
  });

  it("go out for no challenge that has expired", async () => {
    const session = await browser.session();
    if (!session) throw new Error("the session has ended");
    const requirement = requirementOf("customer.edit", session);
    const subject = {
      action: "customer.edit",
      record: null,
      digest: "d",
      requirement,
      accepted: ["sms-code" as const],
    };
    const openedAgo = (seconds: number) =>
      openChallenge(
        testSecrets.encryptionKeys,
        { ...session, now: new Date(session.now.getTime() - seconds * 1000) },
        subject,
      ).token;
    const input = (seconds: number) => ({ token: openedAgo(seconds), authenticatorId: sms });
    expect(dataOf(await browser.calls(sendCode, input(301)))).toMatchObject({ sent: false, because: "over" });
    expect(dataOf(await browser.calls(sendCode, input(200)))).toEqual({ sent: true });
  });

  it("go only to one's own, verified and in use", async () => {
    const mallory = await world.employee();
    const theirs = await mallory.hasCodesBy("sms-code");
    const asked = await asks();
    expect(dataOf(await sends(asked, browser, theirs))).toMatchObject({ sent: false });
    expect(dataOf(await sends(asked, browser, randomUUID()))).toMatchObject({ sent: false });
    await world.rows(sql`update authenticators set suspended_at = now() where id = ${sms}`);
    expect(dataOf(await sends(asked))).toMatchObject({ sent: false });
    expect(await messages()).toBe(0);
  });

  it("are void after Lock now, also those that were sent before it", async () => {
    await sends(await asks());
    const code = await erin.newestCode();
    await browser.calls(lockNow, {});
    expect(await answers(code)).toMatchObject({ status: "proof-rejected", reason: "wrong" });
  });

  it("answer nothing, and go nowhere, once their factor is switched off", async () => {
    await erin.hasCodesBy("email-code");
    const asked = await asks();
    await sends(asked);
    const proof = browser.answers(asked, "sms-code", { code: await erin.newestCode() });
    await switches({ "email-code": true });
    expect(await browser.calls(beginEdit, { customerId: acme.id }, { proof })).toMatchObject({
      status: "step-up-required",
      replaced: "changed",
    });
    expect(challengeOf(await asks()).factors.map(({ factor }) => factor)).toEqual(["email-code"]);
    expect(dataOf(await sends(asked))).toMatchObject({ sent: false, because: "over" });
    expect(dataOf(await sends(await asks()))).toMatchObject({ sent: false, because: "over" });
    await switches({});
    expect(await asks()).toMatchObject({ status: "enrolment-required", first: false });
    expect(await tries()).toBe(0);
  });

  it("say why they are no way to what needs more, and that a recovery code is one", async () => {
    const input = { current: "x", next: "seven quiet herons at dawn" };
    await erin.hasRecoveryCodes();
    const result = await browser.calls(changePassword, input);
    expect(result).toMatchObject({ status: "enrolment-required", first: false, recoveryCodesLeft: 10 });
    expect(JSON.stringify(result)).toContain('"sent-codes"');
  });

  describe("are limited: a session", () => {
    it("waits thirty seconds for the next one, then twice as long each time", async () => {
      await knows(browser);
      const asked = await asks();
      expect(dataOf(await sends(asked))).toEqual({ sent: true });
      const refused = dataOf(await sends(asked));
      expect(refused).toMatchObject({ sent: false, because: "wait" });
      expect("retryAfterSeconds" in refused && refused.retryAfterSeconds).toBeGreaterThan(25);
      // The ordinary wait is nobody's attack.
      expect((await world.mailsTo(erin.email)).map(({ kind }) => kind)).not.toContain("too-many-codes");
      await waits(erin, "31 seconds");
      expect(dataOf(await sends(asked))).toEqual({ sent: true });
      await waits(erin, "31 seconds");
      expect(dataOf(await sends(asked))).toMatchObject({ sent: false, because: "wait" });
      expect(await messages()).toBe(2);
    });

    it("needn't wait once the code was typed: it came", async () => {
      await sends(await asks());
      expect((await answers(await erin.newestCode())).status).toBe("done");
      await browser.calls(lockNow, {});
      const asked = await asks();
      expect(challengeOf(asked).factors).toMatchObject([{ options: { sent: null, sendInSeconds: 0 } }]);
      expect(dataOf(await sends(asked))).toEqual({ sent: true });
    });

    it("is told how long it waits, where it had one sent for something else", async () => {
      await sends(await asks());
      const { factors } = challengeOf(await asks(browser, (await world.customer()).id));
      expect(factors).toMatchObject([{ options: { sent: null, sendInSeconds: expect.any(Number) } }]);
      const [told] = factors.map(({ options }) => options as SentCodeOptions);
      expect(told?.sendInSeconds).toBeGreaterThan(20);
    });

    it("sends no more than the newest: what has not gone out by then stays here", async () => {
      await sends(await asks());
      await waits(erin, "1 minute");
      expect(dataOf(await sends(await asks()))).toEqual({ sent: true });
      const rows = await world.rows<{ due: boolean }>(
        sql`select expires_at > now() as due from outbox where person_id = ${erin.id} and kind = 'code' order by created_at`,
      );
      expect(rows.map(({ due }) => due)).toEqual([false, true]);
    });

    it("gets one message of twenty that are asked for together", async () => {
      const asked = await asks();
      await Promise.all(Array.from({ length: 20 }, () => sends(asked, browser.copy())));
      expect(await messages()).toBe(1);
    });

    it("of a stranger with the password floods no phone, and takes nothing from the owner's devices", async () => {
      await knows(browser);
      let sent = 0;
      for (let n = 0; n < 8; n++) {
        const stranger = await erin.signsIn();
        const answer = dataOf(await sends(await asks(stranger), stranger));
        if (answer.sent) sent += 1;
        else expect(answer).toMatchObject({ because: "account", retryAfterSeconds: 3600 });
      }
      expect(sent).toBe(3);
      expect(dataOf(await sends(await asks()))).toEqual({ sent: true });
      const mails = await world.mailsTo(erin.email);
      expect(mails.filter(({ kind }) => kind === "too-many-codes")).toHaveLength(1);
      // An hour later three more, and then no more on that day.
      await waits(erin, "61 minutes");
      for (let n = 0; n < 8; n++) {
        const stranger = await erin.signsIn();
        if (dataOf(await sends(await asks(stranger), stranger)).sent) sent += 1;
      }
      expect(sent).toBe(6);
      await waits(erin, "61 minutes");
      const stranger = await erin.signsIn();
      expect(dataOf(await sends(await asks(stranger), stranger))).toMatchObject({
        retryAfterSeconds: 86_400,
      });
    });

    it("of strangers who come together get no more than one after the other", async () => {
      const strangers = await Promise.all(Array.from({ length: 12 }, () => erin.signsIn()));
      const asked = await Promise.all(strangers.map((one) => asks(one)));
      await Promise.all(strangers.map((one, n) => sends(asked[n] as ActionResult<unknown>, one)));
      expect(await messages()).toBe(3);
    });

    it("of the owner ends at ten an hour, whatever the sessions", async () => {
      for (let n = 0; n < 10; n++) {
        const own = await erin.signsIn();
        await knows(own);
        expect(dataOf(await sends(await asks(own), own))).toEqual({ sent: true });
      }
      await knows(browser);
      expect(dataOf(await sends(await asks()))).toMatchObject({ sent: false, retryAfterSeconds: 3600 });
    });
  });

  it("are kept by what they were sent on, for the limits", async () => {
    await sends(await asks());
    const [row] = await world.database.select().from(sentCodes).where(eq(sentCodes.userId, erin.id));
    expect(row).toMatchObject({ knownDevice: false, authenticatorId: sms, sessionId: browser.sessionId });
  });
});
