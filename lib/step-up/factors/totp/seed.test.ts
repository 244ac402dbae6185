import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { SealError } from "@/lib/platform/key-ring";
import { newSeed, sealSeed, seedUri, unsealSeed } from "./seed";

const ring = [{ id: "1", key: randomBytes(32) }];

describe("a seed", () => {
  it("has 160 bits in base32, and is never the same", () => {
    const seeds = Array.from({ length: 50 }, newSeed);
    for (const seed of seeds) expect(seed).toMatch(/^[A-Z2-7]{32}$/);
    expect(new Set(seeds).size).toBe(50);
  });

  it("is handed to apps in an address that names app and account", () => {
    const uri = new URL(seedUri("Keyturn", "theo+work@keyturn.example", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"));
    expect(uri.protocol).toBe("otpauth:");
    expect(decodeURIComponent(uri.pathname)).toBe("/Keyturn:theo+work@keyturn.example");
    expect(uri.searchParams.get("secret")).toBe("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    expect(uri.searchParams.get("issuer")).toBe("Keyturn");
    // What is not said is SHA-1, six digits and 30 s for every app.
    for (const other of ["algorithm", "digits", "period"]) {
      expect([null, "SHA1", "6", "30"]).toContain(uri.searchParams.get(other));
    }
  });

  it("opens in its own row of its own user alone", () => {
    const seed = newSeed();
    const sealed = sealSeed(ring, "maya", "app-1", seed);
    expect(unsealSeed(ring, "maya", "app-1", sealed)).toBe(seed);
    expect(sealed).not.toContain(seed);
    expect(() => unsealSeed(ring, "theo", "app-1", sealed)).toThrow(SealError);
    expect(() => unsealSeed(ring, "maya", "app-2", sealed)).toThrow(SealError);
  });
});
