import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { OpenDatabase } from "@/db/client";
import { dummyHash, hashSecret } from "@/lib/platform/password-hash";
import { anyChallenge, describeFactor, type Owner, subjectOf } from "./factor-contract";
import { createPasswordFactor } from "./password/password";

/** The app's table of accounts is not the layer's: a map stands for it. */
const hashes = new Map<string, string>();
const factor = createPasswordFactor(async (_read, userId) => hashes.get(userId) ?? null);

describeFactor({ name: "password", factor, enrols: passwordOwner, reusable: true, signs: false });

async function passwordOwner(_opened?: OpenDatabase): Promise<Owner> {
  const userId = randomUUID();
  const password = `turn the key ${userId}`;
  hashes.set(userId, await hashSecret(password));
  return {
    userId,
    authenticators: [],
    now: () => new Date(),
    answers: async () => ({ password }),
    stored: async () => hashes.get(userId),
  };
}

describe("the password", () => {
  const verify = (owner: Owner, password: string) =>
    factor.verify({} as never, subjectOf(owner), anyChallenge(), { password });

  it("is refused in another spelling, and where the account has none", async () => {
    const owner = await passwordOwner();
    const { password } = (await owner.answers(anyChallenge())) as { password: string };
    for (const other of ["", password.toUpperCase(), `${password} `, hashes.get(owner.userId)!]) {
      expect(await verify(owner, other)).toEqual({ accepted: false, reason: "wrong" });
    }
    hashes.delete(owner.userId);
    expect(await verify(owner, password)).toEqual({ accepted: false, reason: "wrong" });
  });

  it("is never right for the hash that stands for none", async () => {
    const owner = await passwordOwner();
    hashes.set(owner.userId, dummyHash());
    expect(await verify(owner, dummyHash())).toEqual({ accepted: false, reason: "wrong" });
    expect(await verify(owner, "")).toEqual({ accepted: false, reason: "wrong" });
  });
});
