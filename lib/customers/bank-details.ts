import { countrySpecs, ValidationErrorsIBAN, validateIBAN } from "ibantools";
import { z } from "zod";
import { line } from "@/lib/platform/line";
import { countryName } from "./countries";

/** The guarded columns; customer.change-bank-details alone writes them. The IBAN comes out in electronic form. */
export const bankDetails = z.strictObject({
  accountHolder: line("Account holder", 140).min(1, "Enter the account holder."),
  iban: line("IBAN", 60).transform(toIban),
});

export type BankDetails = z.infer<typeof bankDetails>;

/** Groups of four, as ISO 13616 has IBANs on paper. */
export function formatIban(iban: string): string {
  return electronic(iban).replace(/(.{4})(?!$)/g, "$1 ");
}

/** Only country and last four characters are told: "DE•• •••• •••• •••• ••30 00". Short texts are hidden whole. */
export function maskIban(iban: string): string {
  const plain = electronic(iban);
  if (plain.length < 15) return "••••";
  return formatIban(plain.slice(0, 2) + "•".repeat(plain.length - 6) + plain.slice(-4));
}

function toIban(text: string, context: z.RefinementCtx): string {
  const iban = electronic(text);
  const problem = problemOf(iban);
  if (!problem) return iban;
  context.addIssue({ code: "custom", message: problem });
  return z.NEVER;
}

function electronic(text: string): string {
  return text.replace(/[\s-]/g, "").toUpperCase();
}

/** ISO 13616: country, length, check digits, the country's own structure. null: a valid IBAN. */
function problemOf(iban: string): string | null {
  if (iban === "") return "Enter the IBAN.";
  if (!/^[A-Z0-9]+$/.test(iban)) return "An IBAN has letters and digits only.";
  const country = iban.slice(0, 2);
  const expected = Object.hasOwn(countrySpecs, country) ? countrySpecs[country]?.chars : null;
  if (!expected) return `${country} is no country that has IBANs: check the first two letters.`;
  if (iban.length !== expected) {
    return `An IBAN of ${countryName(country)} has ${expected} characters; this one has ${iban.length}.`;
  }
  const { valid, errorCodes } = validateIBAN(iban);
  if (valid) return null;
  if (errorCodes.includes(ValidationErrorsIBAN.WrongIBANChecksum))
    return "The check digits don't match: look for a typing error.";
  return `This is not how an account number of ${countryName(country)} is built: look for a typing error.`;
}
