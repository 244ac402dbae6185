import { parsePhoneNumberFromString } from "libphonenumber-js/min";

/** j•••@example.com: enough to know which mailbox. */
export function maskedEmail(email: string): string {
  const [name = "", domain = ""] = email.split("@");
  return `${name.slice(0, 1)}•••@${domain}`;
}

/** +49 ••• ••12 of a number in E.164: enough to know which phone. */
export function maskedNumber(number: string): string {
  const country = parsePhoneNumberFromString(number)?.countryCallingCode;
  return `${country ? `+${country} ` : ""}••• ••${number.slice(-2)}`;
}
