import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { changeBankDetails } from "@/lib/customers/change-bank-details";
import { cancelPrompt } from "@/lib/security/cancel-prompt";
import { openEnrolment } from "@/lib/security/enrol";
import { answersWithPasskey, enrolsAPasskey } from "@/lib/testing/passkey";
import { type Browser, bankChange, challengeOf, dataOf, World } from "@/lib/testing/pipeline";
import { SoftwareAuthenticator } from "./factors/passkey/software-authenticator";

/* Somebody with an app and a passkey, at what their passkey alone may confirm (threats.md 5, 10, 18). */
describe.each(testDatabases.map(({ name }) => name))("another method on %s", (kind) => {
  let world: World;
  let browser: Browser;
  let passkey: SoftwareAuthenticator;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    browser = await (await world.employee({ totp: true })).signsIn();
    passkey = await enrolsAPasskey(browser);
    await browser.person.waitsForTheNextCode();
  });

  const input = { factor: "totp" };
  /** And what pays for exactly one enrolment (design § 6). */
  const strongest = ["passkey", "recovery-code"];
  const asks = () => browser.calls(openEnrolment, input);
  const offered = (result: Awaited<ReturnType<typeof asks>>) =>
    challengeOf(result).factors.map(({ factor }) => factor);

  it("is none for a weaker factor: not at first, not after a refusal, not after Cancel", async () => {
    let asked = await asks();
    const spent = await world.spent();
    for (const turn of ["at first", "once more"]) {
      expect(offered(asked), turn).toEqual(strongest);
      asked = await browser.calls(openEnrolment, input, { proof: await browser.answersWithCode(asked) });
      expect(asked, turn).toMatchObject({ status: "step-up-required", replaced: "changed" });
    }
    expect(await world.spent()).toEqual(spent);

    const stranger = answersWithPasskey(browser, new SoftwareAuthenticator(), asked);
    asked = await browser.calls(openEnrolment, input, { proof: stranger });
    expect(asked.status).toBe("proof-rejected");
    expect(offered(asked)).toEqual(strongest);
    const code = await browser.answersWithCode(asked);
    expect(await browser.calls(openEnrolment, input, { proof: code })).toMatchObject({ replaced: "changed" });

    const { token } = challengeOf(asked);
    dataOf(await browser.calls(cancelPrompt, { token }));
    const late = answersWithPasskey(browser, passkey, asked);
    expect(await browser.calls(openEnrolment, input, { proof: late })).toMatchObject({
      replaced: "answered",
    });
    expect(offered(await asks())).toEqual(strongest);
  });

  it("is a passkey after any number of wrong codes, and wrong passkeys are not counted", async () => {
    const customer = await world.customer();
    const change = bankChange(customer);
    const { id } = browser.person;
    await world.rows(sql`insert into code_attempts (user_id, session_id, budget, known_device, failures, last_failed_at)
      values (${id}, ${browser.sessionId}, 'codes', false, 100, now())`);
    for (let tries = 0; tries < 12; tries += 1) {
      const asked = await browser.calls(changeBankDetails, change);
      const proof = answersWithPasskey(browser, new SoftwareAuthenticator(), asked);
      expect((await browser.calls(changeBankDetails, change, { proof })).status).toBe("proof-rejected");
    }
    const [counted] = await world.rows<{ n: number }>(
      sql`select sum(failures)::int as n from code_attempts where user_id = ${id}`,
    );
    expect(counted?.n).toBe(100);
    const asked = await browser.calls(changeBankDetails, change);
    const proof = answersWithPasskey(browser, passkey, asked);
    expect((await browser.calls(changeBankDetails, change, { proof })).status).toBe("done");
  });
});
