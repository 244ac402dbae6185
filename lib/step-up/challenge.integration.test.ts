import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenDatabase } from "@/db/client";
import { spentNonces } from "@/db/schema/step-up";
import { testDatabases } from "@/db/testing";
import { type ChallengeToken, spendNonce } from "./challenge";

function token(expiresAt = Date.now() + 300_000): ChallengeToken {
  return {
    purpose: "step-up",
    userId: "u",
    sessionId: "s",
    action: "contract.view",
    recordType: null,
    recordId: null,
    lockEpoch: 0,
    nonce: randomBytes(32).toString("base64url"),
    digest: "",
    requirement: "",
    accepted: ["totp"],
    expiresAt,
  };
}

describe.each(testDatabases)("the nonce of a challenge on $name", ({ open }) => {
  let opened: OpenDatabase;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());

  const spend = (one: ChallengeToken) => opened.database.transaction((tx) => spendNonce(tx, one));

  it("is spent once by fifty parallel answers", async () => {
    const one = token();
    const spent = await Promise.all(Array.from({ length: 50 }, () => spend(one)));
    expect(spent.filter(Boolean)).toHaveLength(1);
  });

  it("is not spent by the answer to another challenge", async () => {
    expect(await spend(token())).toBe(true);
    expect(await spend(token())).toBe(true);
  });

  it("is left unspent by a transaction that was rolled back", async () => {
    const one = token();
    const broken = opened.database.transaction(async (tx) => {
      await spendNonce(tx, one);
      throw new Error("the server lost its power here");
    });
    await expect(broken).rejects.toThrow("power");
    expect(await spend(one)).toBe(true);
    expect(await spend(one)).toBe(false);
  });

  it("is remembered for an hour past the challenge's expiry, and only as a hash", async () => {
    await opened.database.delete(spentNonces);
    const one = token();
    await spend(one);
    const [row] = await opened.database
      .select({
        hash: spentNonces.nonceHash,
        seconds: sql<number>`extract(epoch from ${spentNonces.forgetAt})::float8`,
      })
      .from(spentNonces);
    expect(row?.seconds).toBeGreaterThanOrEqual(one.expiresAt / 1000 + 3600);
    expect(row?.seconds).toBeLessThan(one.expiresAt / 1000 + 3602);
    expect(row?.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(row?.hash).not.toBe(one.nonce);
  });
});
