import { describe, expect, it } from "vitest";
import { assertStrictSchema } from "@/lib/step-up/digest";
import { countryCodeOf, countryCodes, countryName } from "./countries";
import { customerFields } from "./fields";

const acme = {
  name: "Acme GmbH",
  email: "info@acme.example",
  phone: "+49 40 123456",
  street: "Lange Reihe 12",
  city: "Hamburg",
  postalCode: "20099",
  country: "DE",
};

function problems(change: Record<string, unknown>) {
  const result = customerFields.safeParse({ ...acme, ...change });
  return result.success
    ? []
    : result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("the editable fields of a customer", () => {
  it("come out trimmed and in one Unicode form", () => {
    const decomposed = "  Mu\u0308ller & So\u0308hne ";
    expect(customerFields.parse({ ...acme, name: decomposed }).name).toBe("Müller & Söhne");
  });

  it("need a name and a country; the rest may be empty", () => {
    const bare = { name: "A", email: "", phone: "", street: "", city: "", postalCode: "", country: "DE" };
    expect(customerFields.parse(bare)).toEqual(bare);
    expect(problems({ name: "   " })).toEqual(["name: Enter the company's name."]);
    expect(problems({ country: "" })).toEqual(["country: Enter the country."]);
  });

  it.each(["iban", "accountHolder", "status", "teamId", "version", "searchText"])("refuse %s", (field) => {
    expect(problems({ [field]: "DE89370400440532013000" })).toHaveLength(1);
  });

  it.each([
    ["email", "nobody", "Enter an email address like name@company.example."],
    ["phone", "call me", "Enter a phone number of digits, like +49 40 123456."],
    ["postalCode", "2009*", "Enter a postal code of letters and digits."],
    ["country", "Atlantis", "Enter a country's name or two-letter code, like Germany or DE."],
    ["name", "x".repeat(201), "Company name is too long: 200 characters at most."],
  ])("say what is wrong with %s", (field, value, message) => {
    expect(problems({ [field]: value })).toEqual([`${field}: ${message}`]);
  });

  it.each(["a\u0000b", "a\nb", "a\u202eb", "a\u2066b", "a\ud800b", "a\u200bb"])(
    "refuse what can't be shown (%j)",
    (name) => {
      expect(problems({ name })).toEqual([
        "name: Company name holds a character that can't be shown: type it again.",
      ]);
    },
  );

  it.each([[null], [5], [{}], [[]]])("refuse %j as text, without throwing", (name) => {
    expect(problems({ name })[0]).toBe("name: Company name must be text.");
  });

  it("can be confirmed: nothing in the schema has two readings", () => {
    expect(() => assertStrictSchema("test", customerFields)).not.toThrow();
  });
});

describe("countries", () => {
  it("are the 249 codes of ISO 3166-1, each with a name", () => {
    expect(new Set(countryCodes).size).toBe(249);
    expect(countryCodes.filter((code) => countryName(code) === code)).toEqual([]);
  });

  it.each([
    ["de", "DE"],
    [" Germany ", "DE"],
    ["österreich", null],
    ["Cote d’Ivoire", "CI"],
    ["UK", "GB"],
    ["TÜRKIYE", "TR"],
    ["EU", null],
    ["constructor", null],
  ])("are found by code or name: %s → %s", (text, code) => {
    expect(countryCodeOf(text)).toBe(code);
  });
});
