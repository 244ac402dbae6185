import { describe, expect, it } from "vitest";
import { assertStrictSchema } from "@/lib/step-up/digest";
import { bankDetails, formatIban, maskIban } from "./bank-details";

function ibanProblems(iban: string) {
  const result = bankDetails.safeParse({ accountHolder: "Acme GmbH", iban });
  return result.success ? [] : result.error.issues.map(({ message }) => message);
}

describe("an IBAN (ISO 13616)", () => {
  it.each([
    ["DE89 3704 0044 0532 0130 00", "DE89370400440532013000"],
    ["  gb82-west-1234-5698-7654-32 ", "GB82WEST12345698765432"],
    ["CH93\u00a00076 2011 6238 5295 7", "CH9300762011623852957"],
    ["NO93 8601 1117 947", "NO9386011117947"],
    ["MT84MALT011000012345MTLCAST001S", "MT84MALT011000012345MTLCAST001S"],
  ])("is taken in every spelling and kept in one: %s", (typed, kept) => {
    expect(bankDetails.parse({ accountHolder: "Acme GmbH", iban: typed }).iban).toBe(kept);
  });

  it.each([
    ["", "Enter the IBAN."],
    ["DE89_3704", "An IBAN has letters and digits only."],
    ["XX89370400440532013000", "XX is no country that has IBANs: check the first two letters."],
    ["US64SVBKUS6S3300958879", "US is no country that has IBANs: check the first two letters."],
    ["DE8937040044053201300", "An IBAN of Germany has 22 characters; this one has 21."],
    ["DE88370400440532013000", "The check digits don't match: look for a typing error."],
    ["DE89370400440532013001", "The check digits don't match: look for a typing error."],
    ["GB82123412345698765432", "The check digits don't match: look for a typing error."],
  ])("is refused with the reason: %j", (typed, message) => {
    expect(ibanProblems(typed)).toEqual([message]);
  });

  it("notices every single wrong digit and every swap of neighbours", () => {
    const right = "DE89370400440532013000";
    for (let at = 2; at < right.length; at++) {
      const digit = Number(right[at]);
      const wrong = `${right.slice(0, at)}${(digit + 1) % 10}${right.slice(at + 1)}`;
      expect(ibanProblems(wrong), wrong).toHaveLength(1);
      const swapped = `${right.slice(0, at)}${right[at + 1] ?? ""}${right[at]}${right.slice(at + 2)}`;
      if (swapped !== right) expect(ibanProblems(swapped), swapped).toHaveLength(1);
    }
  });

  it.each(["constructor", "__proto__", "toString"])("does not stumble over %s", (typed) => {
    expect(ibanProblems(typed)).toHaveLength(1);
  });

  it("is written in groups of four and masked but for its country and its last four characters", () => {
    expect(formatIban("DE89370400440532013000")).toBe("DE89 3704 0044 0532 0130 00");
    expect(maskIban("DE89370400440532013000")).toBe("DE•• •••• •••• •••• ••30 00");
    expect(maskIban("NO9386011117947")).toBe("NO•• •••• •••7 947");
    expect(maskIban("DE8937")).toBe("••••");
  });
});

describe("bank details", () => {
  it("need an account holder, and take nothing else along", () => {
    const iban = "DE89370400440532013000";
    expect(bankDetails.safeParse({ accountHolder: " ", iban }).success).toBe(false);
    expect(bankDetails.safeParse({ accountHolder: "Acme", iban, version: 3 }).success).toBe(false);
    expect(() => assertStrictSchema("test", bankDetails)).not.toThrow();
  });
});
