import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { environment } from "@/lib/platform/env";
import { type Browser, challengeOf, dataOf, type Someone, World } from "@/lib/testing/pipeline";
import { changePolicy } from "../change-policy";
import { policyDocument } from "../document";
import { changeFactors } from "./change-factors";
import { confirmTrial, sendTrial } from "./try-factor";

const reason = "For colleagues who forgot their phone";
const mail = { factor: "email-code", number: null };

describe.each(testDatabases.map(({ name }) => name))("trying a factor before it goes on, on %s", (kind) => {
  let world: World;
  let ada: Someone;
  let adas: Browser;

  beforeEach(async () => {
    world = await World.open(kind);
    ada = await world.administrator({ totp: true, name: "Ada" });
    await world.administrator({ totp: true, name: "Alan" });
    adas = await ada.signsIn();
  });
  afterEach(async () => {
    expect(world.failures).toEqual([]);
    await world.close();
  });

  const codesMailed = async () =>
    (await world.mailsTo(ada.email)).filter((one) => one.kind === "verification-code");
  const sends = async () => {
    await ada.waitsForTheNextCode();
    // A proof of a moment ago is enough: what is sent goes to oneself.
    const first = await adas.calls(sendTrial, mail);
    const answer = first.status === "done" ? first : await adas.stepsUp(sendTrial, mail);
    expect(dataOf(answer)).toMatchObject({ sent: true });
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
    });
    const elsewhere = await ada.signsIn();
    await ada.waitsForTheNextCode();
    expect(dataOf(await elsewhere.stepsUp(confirmTrial, { factor: "email-code", code }))).toEqual({
      came: false,
    });
    expect(await asksToSwitchOn()).toMatchObject({ status: "invalid" });
    expect(await world.count(sql`factor_trials`)).toBe(0);
    dataOf(await adas.calls(confirmTrial, { factor: "email-code", code }));
    await world.rows(sql`delete from factor_trials`);
    expect(dataOf(await adas.calls(confirmTrial, { factor: "email-code", code }))).toEqual({ came: false });
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

  it("asks for a second factor before anything is sent, and sends no more than a phone can bear", async () => {
    expect(challengeOf(await adas.calls(sendTrial, mail)).binding).toBe("session");
    expect(await codesMailed()).toEqual([]);
    await sends();
    expect(dataOf(await adas.calls(sendTrial, mail))).toMatchObject({ sent: false });
    expect(await codesMailed()).toHaveLength(1);
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
