import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emailChanges } from "@/db/schema/links";
import { codeDestinations } from "@/db/schema/step-up";
import { testDatabases } from "@/db/testing";
import { beginEdit } from "@/lib/customers/begin-edit";
import { openLink } from "@/lib/links/links";
import { type Browser, challengeOf, dataOf, password, type Someone, World } from "@/lib/testing/pipeline";
import { confirmEmail } from "./email/confirm-email";
import { activateAuthenticatorApp, type EnrolmentOffer, openEnrolment, openFirstEnrolment } from "./enrol";
import { activateSentCodes, sendEnrolmentCode } from "./enrol-codes";
import { removeFactor } from "./remove-factor";
import { completeReset } from "./reset/complete-reset";
import { sendCode } from "./send-code";

type Factor = "email-code" | "sms-code";

describe.each(testDatabases.map(({ name }) => name))("codes that are set up on %s", (kind) => {
  let world: World;
  let acme: { id: string };
  beforeAll(async () => {
    world = await World.open(kind);
    await switches({ "email-code": true, "sms-code": true });
    acme = await world.customer();
  });
  afterAll(() => world.close());

  const switches = (factors: object) => world.policy({}, { factors });
  const opensFirst = async (browser: Browser) =>
    dataOf(await browser.confirms(openFirstEnrolment, {}, "password", { password }));
  const sends = (
    browser: Browser,
    { enrolmentId }: EnrolmentOffer,
    factor: Factor,
    number: string | null = null,
  ) => browser.calls(sendEnrolmentCode, { enrolmentId, factor, number });
  const activates = (browser: Browser, { enrolmentId }: EnrolmentOffer, factor: Factor, code: string) =>
    browser.calls(activateSentCodes, { enrolmentId, factor, code });
  const wrong = (code: string) => (code === "000000" ? "111111" : "000000");
  const waits = ({ id }: Someone) =>
    world.rows(
      sql`update sent_codes set created_at = created_at - interval '70 minutes' where user_id = ${id}`,
    );
  const asks = (browser: Browser) => browser.calls(beginEdit, { customerId: acme.id });
  const factorsOf = async (browser: Browser) =>
    challengeOf(await asks(browser)).factors.map(({ factor }) => factor);

  it("are the first second factor: number, code typed back, probation, recovery codes, a notice", async () => {
    const erin = await world.employee();
    const browser = await erin.signsIn();
    const offer = await opensFirst(browser);
    expect(offer).toMatchObject({
      kinds: ["passkey", "totp", "sms-code", "email-code"],
      codesTo: expect.stringMatching(/^.•••@keyturn\.example$/),
    });
    const number = "+491709876543";
    expect(await sends(browser, offer, "sms-code", "0170 9876543")).toMatchObject({
      status: "invalid",
      fields: { number: expect.stringContaining("country code") },
    });
    expect(dataOf(await sends(browser, offer, "sms-code", "+49 170 9876543"))).toEqual({
      sent: true,
      to: "+49 ••• ••43",
      resendInSeconds: 30,
    });
    const code = await erin.newestCode();
    expect(dataOf(await activates(browser, offer, "sms-code", wrong(code)))).toMatchObject({
      activated: false,
      triesLeft: 9,
    });
    expect(await world.count(sql`authenticators where user_id = ${erin.id}`)).toBe(0);
    expect(await world.count(sql`code_attempts where user_id = ${erin.id} and budget = 'mail'`)).toBe(1);
    const done = dataOf(await activates(browser, offer, "sms-code", code));
    expect(done).toMatchObject({ activated: true, name: "Codes to +49 ••• ••43", onProbation: true });
    expect(done.activated && done.recoveryCodes).toHaveLength(10);
    expect(await activates(browser, offer, "sms-code", code)).toMatchObject({ status: "invalid" });
    expect((await world.mailsTo(erin.email)).map(({ kind }) => kind)).toContain("factor-added");
    expect(await world.everythingStored()).not.toContain(number);
    // It raises nothing by itself, and unlocks daily work once it is proved.
    expect(await factorsOf(browser)).toEqual(["sms-code"]);
  });

  it("go to the account's own address, whatever is asked for", async () => {
    const erin = await world.employee();
    const browser = await erin.signsIn();
    const offer = await opensFirst(browser);
    await sends(browser, offer, "email-code", "+491709876543");
    const mails = await world.mailsTo(erin.email);
    expect(mails.filter(({ kind }) => kind === "verification-code")).toHaveLength(1);
    expect(dataOf(await activates(browser, offer, "email-code", await erin.newestCode()))).toMatchObject({
      activated: true,
    });
  });

  it("are bound to the number that got the code, and to no other", async () => {
    const erin = await world.employee();
    const browser = await erin.signsIn();
    const offer = await opensFirst(browser);
    await sends(browser, offer, "sms-code", "+491701111111");
    const first = await erin.newestCode();
    await waits(erin);
    await sends(browser, offer, "sms-code", "+491702222222");
    expect(await erin.newestCode()).not.toBe(first);
    expect(dataOf(await activates(browser, offer, "sms-code", first))).toMatchObject({ activated: false });
    // Nor is a number bound as an address, or the other way round.
    const second = await erin.newestCode();
    expect(dataOf(await activates(browser, offer, "email-code", second))).toMatchObject({ activated: false });
    const done = dataOf(await activates(browser, offer, "sms-code", second));
    expect(done).toMatchObject({ activated: true, name: "Codes to +49 ••• ••22" });
  });

  it("are bound by the session that began, and by nobody else's code", async () => {
    const erin = await world.employee();
    const browser = await erin.signsIn();
    const offer = await opensFirst(browser);
    await sends(browser, offer, "sms-code", "+491701111111");
    const code = await erin.newestCode();
    const elsewhere = await erin.signsIn();
    expect((await activates(elsewhere, offer, "sms-code", code)).status).toBe("invalid");
    expect((await sends(elsewhere, offer, "sms-code", "+491701111111")).status).toBe("invalid");
    const other = await opensFirst(elsewhere);
    await waits(erin);
    await sends(elsewhere, other, "sms-code", "+491701111111");
    expect(dataOf(await activates(elsewhere, other, "sms-code", code))).toMatchObject({ activated: false });
  });

  it("are no way to send to any number at will: limits count these messages, too", async () => {
    const erin = await world.employee();
    const browser = await erin.signsIn();
    const offer = await opensFirst(browser);
    const numbers = Array.from({ length: 20 }, (_, n) => `+4917033333${String(n).padStart(2, "0")}`);
    await Promise.all(numbers.map((number) => sends(browser.copy(), offer, "sms-code", number)));
    expect(await world.count(sql`outbox where person_id = ${erin.id} and channel = 'sms'`)).toBe(1);
  });

  it("take ten wrong codes and no more", async () => {
    const erin = await world.employee();
    const browser = await erin.signsIn();
    const offer = await opensFirst(browser);
    await sends(browser, offer, "sms-code", "+491701111111");
    const code = await erin.newestCode();
    for (let n = 0; n < 10; n++) await activates(browser, offer, "sms-code", wrong(code));
    expect(dataOf(await activates(browser, offer, "sms-code", code))).toMatchObject({
      activated: false,
      retryAfterSeconds: expect.any(Number),
    });
    expect(await world.count(sql`authenticators where user_id = ${erin.id}`)).toBe(0);
  });

  it("come one of a kind, by a proof for exactly this, and go again with their number", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const offer = dataOf(await browser.stepsUp(openEnrolment, { factor: "sms-code" }));
    await sends(browser, offer, "sms-code", "+491701111111");
    const done = dataOf(await activates(browser, offer, "sms-code", await theo.newestCode()));
    expect(done).toMatchObject({ activated: true, onProbation: false });
    // A ticket for one kind binds no other.
    expect((await sends(browser, offer, "email-code")).status).toBe("invalid");
    await theo.waitsForTheNextCode();
    expect(await browser.stepsUp(openEnrolment, { factor: "sms-code" })).toMatchObject({ status: "invalid" });
    const [own] = await world.rows<{ id: string }>(
      sql`select id from authenticators where user_id = ${theo.id} and factor = 'sms-code'`,
    );
    await theo.waitsForTheNextCode();
    expect((await browser.stepsUp(removeFactor, { authenticatorId: own?.id })).status).toBe("done");
    const left = await world.database
      .select()
      .from(codeDestinations)
      .where(eq(codeDestinations.authenticatorId, own?.id ?? ""));
    expect(left).toEqual([]);
  });

  it("are offered to nobody whose work takes none, and not where they are off or no message leaves", async () => {
    const ada = await world.administrator();
    const adas = await ada.signsIn();
    const offer = await opensFirst(adas);
    expect(offer.kinds).toEqual(["passkey", "totp"]);
    expect((await sends(adas, offer, "sms-code", "+491701111111")).status).toBe("invalid");
    const erin = await world.employee();
    const browser = await erin.signsIn();
    const hers = await opensFirst(browser);
    await sends(browser, hers, "sms-code", "+491701111111");
    const code = await erin.newestCode();
    await switches({ "email-code": true });
    expect((await activates(browser, hers, "sms-code", code)).status).toBe("invalid");
    await waits(erin);
    expect((await sends(browser, hers, "sms-code", "+491701111111")).status).toBe("invalid");
    await switches({ "email-code": true, "sms-code": true });
  });

  it("are set up with a recovery code or stronger, never with a code that is sent (threats.md 20a)", async () => {
    const erin = await world.employee();
    await erin.hasCodesBy("sms-code");
    const browser = await erin.signsIn();
    expect(await browser.calls(openEnrolment, { factor: "email-code" })).toMatchObject({
      status: "enrolment-required",
      first: false,
    });
    const [code = ""] = await erin.hasRecoveryCodes();
    const offer = dataOf(
      await browser.confirms(openEnrolment, { factor: "totp" }, "recovery-code", { code }),
    );
    const app = { enrolmentId: offer.enrolmentId, code: await erin.code(offer.app.key), name: "Phone" };
    expect(dataOf(await browser.calls(activateAuthenticatorApp, app))).toMatchObject({ onProbation: true });
    expect((await factorsOf(browser)).sort()).toEqual(["sms-code", "totp"]);
  });

  it("by mail are void after a mailed reset, until something else was proved (threats.md 20a)", async () => {
    const theo = await world.employee({ totp: true });
    const mail = await theo.hasCodesBy("email-code");
    const before = await theo.signsIn();
    const asked = await asks(before);
    await before.calls(sendCode, { token: challengeOf(asked).token, authenticatorId: mail });
    const code = await theo.newestCode();
    const { url } = await world.database.transaction((tx) =>
      openLink(tx, { purpose: "reset-password", personId: theo.id, lifetimeMinutes: 30 }),
    );
    const token = url.split("#")[1] ?? "";
    await world.visits(completeReset, { token, password: "seven bridges over the Pregel" });

    const browser = await theo.signsIn();
    const again = await asks(browser);
    expect(challengeOf(again).factors.map(({ factor }) => factor)).toEqual(["totp"]);
    expect(JSON.stringify(challengeOf(again).reasons)).toContain("void-after-reset");
    const sent = await browser.calls(sendCode, { token: challengeOf(again).token, authenticatorId: mail });
    expect(dataOf(sent)).toMatchObject({ sent: false });
    const proof = browser.answers(again, "email-code", { code });
    expect((await browser.calls(beginEdit, { customerId: acme.id }, { proof })).status).toBe(
      "step-up-required",
    );

    expect((await browser.stepsUp(beginEdit, { customerId: acme.id })).status).toBe("done");
    expect((await factorsOf(await theo.signsIn())).sort()).toEqual(["email-code", "totp"]);
  });

  it("by mail alone leave a reset account with words, a recovery code, and no work", async () => {
    const erin = await world.employee();
    await erin.hasCodesBy("email-code");
    await erin.hasRecoveryCodes();
    const { url } = await world.database.transaction((tx) =>
      openLink(tx, { purpose: "reset-password", personId: erin.id, lifetimeMinutes: 30 }),
    );
    await world.visits(completeReset, {
      token: url.split("#")[1] ?? "",
      password: "seven bridges over the Pregel",
    });
    const browser = await erin.signsIn();
    const result = await asks(browser);
    expect(result).toMatchObject({ status: "enrolment-required", first: false, recoveryCodesLeft: 10 });
    expect(JSON.stringify(result)).toContain("void-after-reset");
    expect(await browser.calls(openFirstEnrolment, {})).toMatchObject({ status: "forbidden" });
  });

  it("by mail go with the address that they went to", async () => {
    const theo = await world.employee({ totp: true });
    const mail = await theo.hasCodesBy("email-code");
    await theo.hasCodesBy("sms-code");
    const newEmail = `new-${theo.email}`;
    const [change] = await world.database
      .insert(emailChanges)
      .values({
        personId: theo.id,
        oldEmail: theo.email,
        newEmail,
        confirmedAtOld: sql`now()`,
        expiresAt: sql`now() + interval '1 day'`,
      })
      .returning();
    const { url } = await world.database.transaction((tx) =>
      openLink(tx, {
        purpose: "confirm-email",
        personId: theo.id,
        data: { changeId: change?.id, side: "new" },
        lifetimeMinutes: 30,
      }),
    );
    await world.visits(confirmEmail, { token: url.split("#")[1] ?? "" });
    expect((await factorsOf(await theo.signsIn())).sort()).toEqual(["sms-code", "totp"]);
    expect(await world.count(sql`code_destinations where authenticator_id = ${mail}`)).toBe(0);
  });
});
