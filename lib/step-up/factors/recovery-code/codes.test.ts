import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lookupOf, newRecoveryCode, normaliseRecoveryCode } from "./codes";

describe("a recovery code", () => {
  const codes = Array.from({ length: 2_000 }, newRecoveryCode);

  it("reads well: four groups of four, without letters that look like others", () => {
    for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
  });

  it("uses the whole alphabet evenly: five bits a symbol", () => {
    const counts = new Map<string, number>();
    for (const symbol of codes.join("").replaceAll("-", ""))
      counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    expect(counts.size).toBe(32);
    // 1000 of each are expected, give or take 31: six times that is one run in a hundred million.
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(190);
  });

  it("leaves 65 bits when its look-up is known", () => {
    const code = normaliseRecoveryCode(codes[0]!)!;
    expect((code.length - lookupOf(code).length) * 5).toBe(65);
  });
});

describe("what a person types for a recovery code", () => {
  it("is the same in other groups, small letters, full width and with the usual misreadings", () => {
    const code = "7K2M0X1QAB01WXYZ";
    for (const typed of [
      "7K2M-0X1Q-AB01-WXYZ",
      "7k2m 0x1q ab01 wxyz",
      "7K2M–0X1Q–AB01–WXYZ",
      " 7k2mox1qabolwxyz\n",
      "7K2M-OXIQ-ABOI-WXYZ",
      "７Ｋ２Ｍ-0X1Q-AB01-WXYZ",
    ]) {
      expect(normaliseRecoveryCode(typed), typed).toBe(code);
    }
  });

  it.each(["", "7K2M-0X1Q-AB01-WXY", "7K2M-0X1Q-AB01-WXYZ7", "7K2M-0X1Q-AB01-WXYU", "7K2M-0X1Q-AB01-WXY!"])(
    "is none when it reads %j",
    (typed) => {
      expect(normaliseRecoveryCode(typed)).toBeNull();
    },
  );

  it("is never a stored hash", () => {
    expect(
      normaliseRecoveryCode("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNo"),
    ).toBeNull();
  });

  it("is normal or null, whatever is typed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (typed) => {
        const code = normaliseRecoveryCode(typed);
        if (code !== null) expect(normaliseRecoveryCode(code)).toBe(code);
      }),
    );
  });
});
