import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { environment } from "@/lib/platform/env";
import { sendEnrolmentCode } from "@/lib/security/enrol-codes";
import { type Browser, challengeOf, dataOf, type Someone, World } from "@/lib/testing/pipeline";
import { changePolicy } from "../change-policy";
import { policyDocument } from "../document";
import { changeFactors } from "./change-factors";
import { readTrialDelivery } from "./trial";
import { confirmTrial, sendTrial } from "./try-factor";

const reason = "For colleagues who forgot their phone";
const mail = { factor: "email-code", number: null };

describe.each(testDatabases.map(({ name }) => name))("trying a factor before it goes on, on %s", (kind) => {
  let world: World;
  let ada: Someone;
  let adas: Browser;

  beforeEach(async () => {
    world = await World.open(kind);
    ({ ada, adas } = await world.administrators());
  });
  afterEach(async () => {
    expect(world.failures).toEqual([]);
    await world.close();
  });

  const codesMailed = async () =>
    (await world.mailsTo(ada.email)).filter((one) => one.kind === "verification-code");
  const sends = async () => {
    await ada.waitsForTheNextCode();
    expect(dataOf(await adas.stepsUp(sendTrial, mail))).toMatchObject({ sent: true });
    const [message] = await codesMailed();
    return /\d{6}/.exec(message?.body ?? "")?.[0] ?? "";
  };
  const asksToSwitchOn = () =>
    adas.calls(changeFactors, { factor: "email-code", on: true, basedOn: 0, reason });
  const switchesOn = async () => {
    await ada.waitsForTheNextCode();
    return adas.stepsUp(changeFactors, { factor: "email-code", on: true, basedOn: 0, reason });
  };

  it("takes a message that came, and then a second administrator", async () => {
    expect(await asksToSwitchOn()).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("try it"),
    });
    const code = await sends();
    expect(dataOf(await adas.calls(confirmTrial, { factor: "email-code", code }))).toEqual({ came: true });
    expect(dataOf(await switchesOn())).toMatchObject({ version: null });
  });

  it("is not shown by a wrong code, by a code that was used, nor by another session's", async () => {
    const code = await sends();
    const wrong = code === "000000" ? "111111" : "000000";
    expect(dataOf(await adas.calls(confirmTrial, { factor: "email-code", code: wrong }))).toEqual({
      came: false,
      because: "wrong",
      triesLeft: 9,
      retryAfterSeconds: null,
    });
    const elsewhere = await ada.signsIn();
    await ada.waitsForTheNextCode();
    expect(dataOf(await elsewhere.stepsUp(confirmTrial, { factor: "email-code", code }))).toMatchObject({
      came: false,
    });
    expect(await asksToSwitchOn()).toMatchObject({ status: "invalid" });
    expect(await world.count(sql`factor_trials`)).toBe(0);
    dataOf(await adas.calls(confirmTrial, { factor: "email-code", code }));
    await world.rows(sql`delete from factor_trials`);
    expect(dataOf(await adas.calls(confirmTrial, { factor: "email-code", code }))).toMatchObject({
      came: false,
    });
  });

  it("says when further tries must wait, and what became of the message", async () => {
    const code = await sends();
    const wrong = code === "000000" ? "111111" : "000000";
    const delivery = async () => {
      const facts = await adas.session();
      return facts && readTrialDelivery(world.reader, facts, "email-code");
    };
    expect(await delivery()).toBe("waiting");
    await world.rows(sql`update outbox set delivery = 'failed' where kind = 'verification-code'`);
    expect(await delivery()).toBe("failed");
    for (let n = 0; n < 10; n++) await adas.calls(confirmTrial, { factor: "email-code", code: wrong });
    const waits = dataOf(await adas.calls(confirmTrial, { factor: "email-code", code }));
    expect(waits).toMatchObject({ came: false, because: "too-many-tries" });
    // 30 from the last try on, and a second or two of them may have passed.
    const { retryAfterSeconds } = waits as { retryAfterSeconds?: number };
    expect(retryAfterSeconds).toBeGreaterThan(20);
    expect(retryAfterSeconds).toBeLessThanOrEqual(30);
  });

  it("is tried anew through another gateway, and after a day", async () => {
    const code = await sends();
    dataOf(await adas.calls(confirmTrial, { factor: "email-code", code }));
    const before = environment();
    globalThis.keyturnEnvironment = { ...before, smtpUrl: "smtps://user:other@mail.company.example" };
    expect(await asksToSwitchOn()).toMatchObject({ status: "invalid" });
    globalThis.keyturnEnvironment = before;
    await world.rows(sql`update factor_trials set confirmed_at = now() - interval '25 hours'`);
    expect(await asksToSwitchOn()).toMatchObject({ status: "invalid" });
  });

  it("holds for a policy that is imported or restored, too", async () => {
    const document = policyDocument.parse({ factors: { "sms-code": true } });
    expect(await adas.calls(changePolicy, { document, basedOn: 0, reason })).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("try it"),
    });
  });

  it("asks for a proof of exactly this before anything is sent, and sends no more than a phone can bear", async () => {
    await sends();
    // The proof of a moment ago is for that message alone.
    expect(challengeOf(await adas.calls(sendTrial, mail)).binding).toBe("input");
    expect(await codesMailed()).toHaveLength(1);
    await ada.waitsForTheNextCode();
    expect(dataOf(await adas.stepsUp(sendTrial, mail))).toMatchObject({ sent: false, because: "wait" });
    expect(await codesMailed()).toHaveLength(1);
  });

  it("takes the strongest that an administrator ever had, and nothing on probation (threats.md 20)", async () => {
    await world.rows(sql`insert into authenticators (user_id, factor, name, removed_at)
      values (${ada.id}, 'passkey', 'A key of then', now())`);
    await ada.waitsForTheNextCode();
    for (const [command, input] of [
      [sendTrial, mail],
      [confirmTrial, { factor: "email-code", code: "123456" }],
    ] as const)
      expect((await adas.calls(command as never, input)).status).toBe("enrolment-required");
  });

  it("tells a reader of the log no number, which could be tried against its digest", async () => {
    await ada.waitsForTheNextCode();
    const asked = challengeOf(await adas.calls(sendTrial, { factor: "sms-code", number: "+491701234567" }));
    expect(JSON.stringify(asked)).not.toContain("1701234567");
    expect(sendTrial.secretInput).toContain("number");
    expect(sendEnrolmentCode.secretInput).toContain("number");
  });

  it.each(["", "0170 1234567", "+49", "not a number"])("takes no phone number like %j", async (number) => {
    await ada.waitsForTheNextCode();
    expect(await adas.stepsUp(sendTrial, { factor: "sms-code", number })).toMatchObject({
      status: "invalid",
      fields: { number: expect.any(String) },
    });
  });

  it("is nobody's who is no administrator", async () => {
    const theos = await (await world.employee({ totp: true })).signsIn();
    expect(await theos.calls(sendTrial, mail)).toMatchObject({ status: "forbidden" });
    expect(await theos.calls(confirmTrial, { factor: "email-code", code: "123456" })).toMatchObject({
      status: "forbidden",
    });
  });
});
