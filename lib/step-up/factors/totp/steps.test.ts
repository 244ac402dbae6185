import fc from "fast-check";
import { generate } from "otplib";
import { describe, expect, it } from "vitest";
import { matchStep, secondsToNextCode, stepSeconds } from "./steps";

/** RFC 6238 Appendix B, SHA-1: the seed is the ASCII text 12345678901234567890; of its eight digits ours are the last six. */
const rfcSeed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const rfc6238 = [
  [59, "94287082"],
  [1111111109, "07081804"],
  [1111111111, "14050471"],
  [1234567890, "89005924"],
  [2000000000, "69279037"],
  [20000000000, "65353130"],
] as const;

/** RFC 4226 Appendix D: the code of counter n is the code of time step n. */
const rfc4226 = [
  "755224",
  "287082",
  "359152",
  "969429",
  "338314",
  "254676",
  "287922",
  "162583",
  "399871",
  "520489",
];

const at = (seconds: number) => new Date(seconds * 1000);

describe("matching a code", () => {
  it.each(rfc6238)("knows the code of RFC 6238 at %d s", async (seconds, eightDigits) => {
    expect(await matchStep(rfcSeed, eightDigits.slice(2), at(seconds))).toBe(
      Math.floor(seconds / stepSeconds),
    );
  });

  it.each(rfc4226.map((code, step) => [step, code] as const))(
    "knows the code of RFC 4226 for step %d",
    async (step, code) => {
      expect(await matchStep(rfcSeed, code, at(step * stepSeconds))).toBe(step);
    },
  );

  it("takes the step before and the step after, and none further away, at any moment of a step", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 10, max: 2 ** 31 }),
        fc.integer({ min: 0, max: 29_999 }),
        async (step, ms) => {
          const now = new Date(step * stepSeconds * 1000 + ms);
          for (const away of [-3, -2, -1, 0, 1, 2, 3]) {
            const code = await generate({ secret: rfcSeed, epoch: (step + away) * stepSeconds });
            const matched = await matchStep(rfcSeed, code, now);
            // By chance, two of a million codes may be alike.
            if (Math.abs(away) <= 1) expect(matched).not.toBeNull();
            else if (matched !== null) expect(Math.abs(matched - step)).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("does not know a code of the day before, which has another step", async () => {
    expect(await matchStep(rfcSeed, "081804", at(1111111109 + 86_400))).toBeNull();
  });

  it.each(["", "12345", "1234567", "abcdef", "12345\u0663", "94287082"])(
    "answers null for %j, and does not throw",
    async (code) => {
      expect(await matchStep(rfcSeed, code, at(59))).toBeNull();
    },
  );

  it.each(["", "A", "not base32!"])(
    "answers null for the broken seed %j, and does not throw",
    async (seed) => {
      expect(await matchStep(seed, "287082", at(59))).toBeNull();
    },
  );
});

describe("seconds until an unused code is shown", () => {
  it("end with the spent step, also where it was the next one already", () => {
    expect(secondsToNextCode(1, at(30))).toBe(30);
    expect(secondsToNextCode(1, at(59))).toBe(1);
    expect(secondsToNextCode(2, at(59))).toBe(31);
    expect(secondsToNextCode(1, new Date(59_999))).toBe(1);
  });

  it("are one at least", () => {
    expect(secondsToNextCode(0, at(59))).toBe(1);
  });
});
