import { describe, expect, it } from "vitest";
import { dummyHash, hashSecret, verifySecret } from "./password-hash";

describe("password hashes", () => {
  it("are argon2id with OWASP's parameters and a salt each", async () => {
    const [one, other] = [await hashSecret("turn the key"), await hashSecret("turn the key")];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(other).not.toBe(one);
  });

  it("know their text and no other", async () => {
    const phc = await hashSecret("turn the key");
    expect(await verifySecret(phc, "turn the key")).toBe(true);
    expect(await verifySecret(phc, "Turn the key")).toBe(false);
    expect(await verifySecret(phc, "turn the key ")).toBe(false);
    expect(await verifySecret(phc, phc)).toBe(false);
  });

  it("take composed and decomposed letters for the same", async () => {
    expect(await verifySecret(await hashSecret("schlüssel"), "schlu\u0308ssel")).toBe(true);
  });

  it("do not end long passwords early", async () => {
    const phc = await hashSecret("a".repeat(200));
    expect(await verifySecret(phc, "a".repeat(199))).toBe(false);
  });

  it.each(["", "x", "$argon2id$", "$2b$10$abcdefghijklmnopqrstuv"])(
    "refuse with the malformed hash %j",
    async (phc) => {
      expect(await verifySecret(phc, "x")).toBe(false);
    },
  );
});

describe("the hash for unknown accounts", () => {
  it("has the form and parameters of a real one, so that it costs the same", async () => {
    const shape = (phc: string) => phc.replace(/[\w+/]+\$[\w+/]+$/, (ends) => ends.replace(/[\w+/]/g, "x"));
    expect(shape(dummyHash())).toBe(shape(await hashSecret("x")));
    expect(dummyHash()).toBe(dummyHash());
  });

  it("really costs the work: about as much time as a wrong password", async () => {
    const real = await hashSecret("x");
    const timeOf = async (phc: string) => {
      const start = performance.now();
      for (let n = 0; n < 5; n++) expect(await verifySecret(phc, "y")).toBe(false);
      return performance.now() - start;
    };
    await timeOf(real);
    const ratio = (await timeOf(dummyHash())) / (await timeOf(real));
    // A hash that is refused unread would answer within a hundredth of the time.
    expect(ratio).toBeGreaterThan(0.2);
  });
});
