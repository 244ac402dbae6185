import { parsePhoneNumberFromString } from "libphonenumber-js/min";

/**
 * A phone number in E.164 (+491701234567) from what a person typed; null for anything else. Only international ones:
 * a number without its country would be guessed to be somebody else's.
 */
export function parsePhoneNumber(typed: string): string | null {
  const text = typed.normalize("NFKC").trim().replace(/^00/, "+");
  if (!text.startsWith("+") || text.length > 32) return null;
  const number = parsePhoneNumberFromString(text, { extract: false });
  return number?.isValid() && !number.ext ? number.number : null;
}
