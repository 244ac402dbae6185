import { z } from "zod";
import { line } from "@/lib/platform/line";
import { countryCodeOf } from "./countries";

export { countryName } from "./countries";

/** The words of the form, in its order; messages and the log use the same. */
export const fieldLabels = {
  name: "Company name",
  email: "Email",
  phone: "Phone",
  street: "Street",
  city: "City",
  postalCode: "Postal code",
  country: "Country",
} as const;

/**
 * What customer.edit and customer.create may write, and nothing else: bank details have one writer (threats.md 7a),
 * and the schema is strict.
 */
export const customerFields = z.strictObject({
  name: line(fieldLabels.name, 200).min(1, "Enter the company's name."),
  email: line(fieldLabels.email, 254).refine(
    isEmailOrEmpty,
    "Enter an email address like name@company.example.",
  ),
  phone: line(fieldLabels.phone, 40).refine(
    isPhoneOrEmpty,
    "Enter a phone number of digits, like +49 40 123456.",
  ),
  street: line(fieldLabels.street, 200),
  city: line(fieldLabels.city, 100),
  postalCode: line(fieldLabels.postalCode, 20).refine(
    isPostalCodeOrEmpty,
    "Enter a postal code of letters and digits.",
  ),
  country: line(fieldLabels.country, 60).transform(toCountryCode),
});

export type CustomerFields = z.infer<typeof customerFields>;

function isEmailOrEmpty(text: string): boolean {
  return text === "" || z.email().safeParse(text).success;
}

function isPhoneOrEmpty(text: string): boolean {
  return text === "" || (/^\+?[\d\s()./-]+$/.test(text) && text.replace(/\D/g, "").length >= 3);
}

function isPostalCodeOrEmpty(text: string): boolean {
  return /^[\p{L}\d -]*$/u.test(text);
}

function toCountryCode(text: string, context: z.RefinementCtx): string {
  const code = countryCodeOf(text);
  if (code) return code;
  const message =
    text === "" ? "Enter the country." : "Enter a country's name or two-letter code, like Germany or DE.";
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}
