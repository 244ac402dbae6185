import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normaliseCode } from "./normalise-code";

describe("what a person types for a code", () => {
  it.each([
    ["plain", "123456"],
    ["grouped", "123 456"],
    ["with a dash", "123-456"],
    ["with an en dash", "123–456"],
    ["with a minus", "123−456"],
    ["with a full-width dash", "123－456"],
    ["padded", "  123456\t\n"],
    ["with a no-break space", "123\u00a0456"],
    ["with an ideographic space", "123\u3000456"],
    ["in full-width digits", "１２３４５６"],
  ])("%s is one and the same code", (_how, typed) => {
    expect(normaliseCode(typed)).toBe("123456");
  });

  it.each([
    ["nothing", ""],
    ["five digits", "12345"],
    ["seven digits", "1234567"],
    ["zeros before it", "0123456"],
    ["letters", "12345a"],
    ["a sign", "+12345"],
    ["a decimal point", "1234.56"],
    ["hexadecimal", "0x1234"],
    ["an exponent", "1e5000"],
    ["Arabic-Indic digits", "١٢٣٤٥٦"],
    ["a zero-width space", "123\u200b456"],
    ["a null character", "123456\u0000"],
    ["two codes", "123456,123456"],
  ])("%s is none", (_what, typed) => {
    expect(normaliseCode(typed)).toBeNull();
  });

  it("is six ASCII digits or null, whatever is typed, and normal already", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (typed) => {
        const code = normaliseCode(typed);
        if (code !== null) {
          expect(code).toMatch(/^[0-9]{6}$/);
          expect(normaliseCode(code)).toBe(code);
        }
      }),
    );
  });
});
