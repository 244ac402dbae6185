import { createHash, randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { password, type Someone, World } from "@/lib/testing/pipeline";
import { addressTries, networkOf, secondsPerTry } from "./address-limit";
import { mostAtOnce } from "./at-once";
import { failuresOf } from "./password-failures";
import { type SignInResult, signIn } from "./sign-in";

const hashOf = (device: string) => createHash("sha256").update(device).digest("hex");

describe.each(testDatabases.map(({ name }) => name))("sign-in from one address on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());
  beforeEach(() => world.rows(sql`delete from password_attempts`));

  const tries = (email: string, wanted: { address?: string; typed?: string; device?: string } = {}) =>
    signIn(world.database, true, {
      email,
      password: wanted.typed ?? "Summer2026!",
      deviceHash: hashOf(wanted.device ?? randomUUID()),
      userAgent: "Tests",
      address: wanted.address ?? "192.0.2.77",
    });
  /** As if the address had so many wrong passwords behind it. */
  const hasTried = async (failures: number) => {
    await tries(`${randomUUID()}@test.example`);
    await world.rows(sql`update password_attempts set failures = ${failures}
      where account_hash = ${hashOf("address:192.0.2.77")}`);
  };
  const inBucket = async () => {
    const [row] = await world.rows<{ failures: number }>(
      sql`select failures from password_attempts where account_hash = ${hashOf("address:192.0.2.77")}`,
    );
    return row?.failures;
  };
  const known = async (someone: Someone, device: string) =>
    world.rows(sql`insert into device_factors (device_hash, user_id, last_factor, proved_at)
      values (${hashOf(device)}, ${someone.id}, 'totp', now())`);

  it("waits over all accounts, known and unknown in the same words, and no other address does", async () => {
    const erin = await world.employee();
    await hasTried(addressTries);
    const waits = { outcome: "rate-limited", retryAfterSeconds: expect.any(Number) };
    expect(await tries(erin.email)).toEqual(waits);
    expect(await tries(`${randomUUID()}@test.example`)).toEqual(waits);
    expect(await tries(erin.email, { typed: password })).toEqual(waits);
    expect((await tries(erin.email, { address: "192.0.2.78" })).outcome).toBe("refused");
  });

  it("lets the devices through on which their owner confirmed before", async () => {
    const erin = await world.employee();
    await known(erin, "erin's");
    await hasTried(addressTries);
    expect((await tries(erin.email, { typed: password, device: "erin's" })).outcome).toBe("signed-in");
  });

  it("has one more try when its time has come, and a right password takes back its own alone", async () => {
    const erin = await world.employee();
    await hasTried(addressTries);
    await world.rows(
      sql`update password_attempts set last_failed_at = now() - make_interval(secs => ${secondsPerTry + 1})`,
    );
    expect((await tries(erin.email, { typed: password })).outcome).toBe("signed-in");
    expect((await tries(erin.email)).outcome).toBe("refused");
    expect((await tries(erin.email)).outcome).toBe("rate-limited");
  });

  it("makes a sign-in on a strange device unusual long before it has to wait", async () => {
    await world.policy({}, { signIn: "when-risky" });
    const theo = await world.employee({ totp: true });
    const awaits = async () => {
      await tries(theo.email, { typed: password });
      const [row] = await world.rows<{ awaits: string[] }>(
        sql`select awaits from sessions where person_id = ${theo.id} order by created_at desc limit 1`,
      );
      return row?.awaits;
    };
    expect(await awaits()).toEqual(["new-device"]);
    await hasTried(40);
    expect(await awaits()).toEqual(["new-device", "after-failures"]);
  });

  it("is told in one row of the log, and to the administrators once", async () => {
    const ada = await world.administrator();
    await hasTried(addressTries - 1);
    const before = (await world.audit("session.sign-in")).at(-1)?.seq ?? 0;
    for (let n = 0; n < 5; n += 1) await tries(`${randomUUID()}@test.example`);
    const rows = (await world.audit("session.sign-in")).filter(
      ({ seq, detail }) => seq > before && (detail as { reason?: string }).reason === "too-many-tries",
    );
    expect(rows).toMatchObject([{ outcome: "refused", actorId: null, address: "192.0.2.77", repeats: 1 }]);
    expect((await world.mailsTo(ada.email)).map((mail) => mail.kind)).toEqual(["address-limited"]);
  });

  it("counts no try that compares no password: a client stuck on one account shuts nobody else out", async () => {
    const ada = await world.administrator();
    await hasTried(addressTries - 20);
    const stuck = (await world.employee()).email;
    const outcomes = [];
    for (let n = 0; n < 30; n += 1) outcomes.push((await tries(stuck)).outcome);
    expect(outcomes.filter((one) => one === "refused")).toHaveLength(10);
    expect(await inBucket()).toBeLessThanOrEqual(addressTries - 10);
    expect((await tries((await world.employee()).email)).outcome).toBe("refused");
    expect(await world.mailsTo(ada.email)).toEqual([]);
  });

  it("fills no account's bucket while it waits itself", async () => {
    const erin = await world.employee();
    await hasTried(addressTries);
    for (let n = 0; n < 3; n += 1) await tries(erin.email);
    expect(
      await world.count(sql`password_attempts where account_hash = ${failuresOf(erin.email, null)}`),
    ).toBe(0);
  });

  it("more at once than a process compares are told to come again, and nothing of theirs is counted", async () => {
    const answers = await Promise.all(
      Array.from({ length: mostAtOnce + 36 }, () => tries(`${randomUUID()}@test.example`)),
    );
    const busy = answers.filter(({ outcome }) => outcome === "busy");
    expect(busy).toHaveLength(36);
    expect(await inBucket()).toBe(mostAtOnce);
  });

  // The embedded database takes one statement after another: it would take minutes, and show the same.
  if (kind === "PostgreSQL")
    it("10,000 tries on 1,000 accounts compare a few hundred passwords", async () => {
      const someone = await world.employee();
      const emails = [
        someone.email,
        ...Array.from({ length: 999 }, (_, n) => `${n}-${randomUUID()}@test.example`),
      ];
      const outcomes = new Map<SignInResult["outcome"], number>();
      let next = 0;
      const began = Date.now();
      const guesser = async () => {
        while (next < 10_000) {
          const { outcome } = await tries(emails[next++ % emails.length] ?? "");
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        }
      };
      await Promise.all(Array.from({ length: 40 }, guesser));
      const leaked = Math.ceil((Date.now() - began) / 1000 / secondsPerTry);
      const compared = outcomes.get("refused") ?? 0;
      expect(compared).toBeGreaterThanOrEqual(addressTries);
      expect(compared).toBeLessThanOrEqual(addressTries + leaked);
      expect(compared + (outcomes.get("rate-limited") ?? 0)).toBe(10_000);
    }, 300_000);
});

describe("the network of an address", () => {
  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["unknown", "unknown"],
  ])("%s is %s", (address, network) => expect(networkOf(address)).toBe(network));
});
