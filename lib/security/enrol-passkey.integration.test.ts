import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { SoftwareAuthenticator } from "@/lib/step-up/factors/passkey/software-authenticator";
import { GrantRefused } from "@/lib/step-up/grant";
import { answersWithPasskey, enrolsAPasskey } from "@/lib/testing/passkey";
import { type Browser, dataOf, World } from "@/lib/testing/pipeline";
import { activatePasskey, openEnrolment } from "./enrol";
import { removeFactor } from "./remove-factor";

/*
 * A passkey is bound by its own ticket and to one account (threats.md 4, 13): with a device of our own, so that every
 * answer here is a right one but for whose challenge it answers and whose id it has.
 */
describe.each(testDatabases.map(({ name }) => name))("binding a passkey on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());
  // Nothing is refused by running into the index. Who comes after a session was locked finds the grant gone.
  afterEach(() => {
    expect(world.failures.splice(0).filter((error) => !(error instanceof GrantRefused))).toEqual([]);
  });

  type Ticket = { enrolmentId: string; challenge: string };

  async function opens(browser: Browser, vouching?: SoftwareAuthenticator): Promise<Ticket> {
    await browser.person.waitsForTheNextCode();
    const input = { factor: "passkey" };
    const asked = await browser.calls(openEnrolment, input);
    const proof = vouching
      ? answersWithPasskey(browser, vouching, asked)
      : await browser.answersWithCode(asked);
    const offer = dataOf(await browser.calls(openEnrolment, input, { proof }));
    const { challenge } = offer.passkey.creation as { challenge: string };
    return { enrolmentId: offer.enrolmentId, challenge };
  }

  function answers({ enrolmentId }: Ticket, device: SoftwareAuthenticator, challenge: string) {
    const asked = {
      challenge: Buffer.from(challenge, "base64url"),
      rpId: "localhost",
      origin: "http://localhost:3000",
    };
    return { enrolmentId, response: JSON.stringify(device.register(asked)) };
  }

  async function someone() {
    return (await world.employee({ totp: true })).signsIn();
  }

  const passkeysOf = (browser: Browser) =>
    world.count(sql`passkeys p join authenticators a on a.id = p.authenticator_id
      where a.user_id = ${browser.person.id} and a.removed_at is null`);
  const authenticatorsOf = (browser: Browser) =>
    world.count(sql`authenticators where user_id = ${browser.person.id}`);
  const registered = { status: "invalid", fields: {}, message: "This passkey is already registered." };
  const unverified = {
    status: "invalid",
    fields: {},
    message: "This passkey could not be verified. Try again, or use another device.",
  };

  it("takes no answer to another ticket's challenge, of one's own or of somebody else's", async () => {
    const [theo, maya] = [await someone(), await someone()];
    const first = await opens(theo);
    const second = await opens(theo);
    const hers = await opens(maya);
    for (const { challenge } of [first, hers]) {
      const device = new SoftwareAuthenticator();
      expect(await theo.calls(activatePasskey, answers(second, device, challenge))).toEqual(unverified);
    }
    expect(await passkeysOf(theo)).toBe(0);
    const device = new SoftwareAuthenticator();
    expect((await theo.calls(activatePasskey, answers(second, device, second.challenge))).status).toBe(
      "done",
    );
  });

  it("takes no id that is bound: one's own, another user's, or a removed one's", async () => {
    const [theo, maya] = [await someone(), await someone()];
    const bound = await enrolsAPasskey(theo);
    const own = await opens(theo, bound);
    expect(await theo.calls(activatePasskey, answers(own, bound, own.challenge))).toEqual(registered);
    const hers = await opens(maya);
    expect(await maya.calls(activatePasskey, answers(hers, bound, hers.challenge))).toEqual(registered);
    const [row] = await world.rows<{ id: string }>(
      sql`select authenticator_id as id from passkeys where credential_id = ${bound.id}`,
    );
    const input = { authenticatorId: row?.id ?? "" };
    const asked = await theo.calls(removeFactor, input);
    dataOf(await theo.calls(removeFactor, input, { proof: answersWithPasskey(theo, bound, asked) }));
    expect(await maya.calls(activatePasskey, answers(hers, bound, hers.challenge))).toEqual(registered);
    expect([await passkeysOf(theo), await passkeysOf(maya)]).toEqual([0, 0]);
    expect(await authenticatorsOf(maya)).toBe(1);
  });

  it("binds one for 20 answers to one ticket in parallel", async () => {
    const theo = await someone();
    const ticket = await opens(theo);
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        theo.copy().calls(activatePasskey, answers(ticket, new SoftwareAuthenticator(), ticket.challenge)),
      ),
    );
    expect(results.filter(({ status }) => status === "done")).toHaveLength(1);
    expect(await passkeysOf(theo)).toBe(1);
  });

  it("binds one id once for ten users who bring it at the same time, and tells the others", async () => {
    const device = new SoftwareAuthenticator();
    const browsers = await Promise.all(Array.from({ length: 10 }, someone));
    const calls = await Promise.all(
      browsers.map(async (browser) => {
        const ticket = await opens(browser);
        return () => browser.calls(activatePasskey, answers(ticket, device, ticket.challenge));
      }),
    );
    const results = await Promise.all(calls.map((call) => call()));
    expect(results.filter(({ status }) => status === "done")).toHaveLength(1);
    expect(results.filter(({ status }) => status !== "done")).toEqual(Array(9).fill(registered));
    expect(await world.count(sql`passkeys where credential_id = ${device.id}`)).toBe(1);
  });
});
