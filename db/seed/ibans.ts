import type { Random } from "./random";

/** Bank codes that no bank has, so that no seeded account is somebody's. `#` is a digit. */
const accounts: Record<string, (random: Random) => string> = {
  DE: (random) => random.fill("999999##0#########"),
  AT: (random) => random.fill("99999###########"),
  CH: (random) => random.fill("99999000#########"),
  NL: (random) => `KTRN${random.fill("0#########")}`,
  GB: (random) => `KTRN${random.fill("999999########")}`,
  SE: (random) => random.fill("99900000############"),
  IT: (random) => `X${random.fill("9999999999000000######")}`,
  FR: french,
  ES: spanish,
};

/** A valid IBAN of a country: its structure, national check digits and check digits (ISO 13616, ISO 7064). */
export function ibanOf(random: Random, country: string): string {
  const make = accounts[country];
  if (!make) throw new Error(`no account numbers for ${country}`);
  const account = make(random);
  return `${country}${checkDigits(country, account)}${account}`;
}

function checkDigits(country: string, account: string): string {
  const rearranged = `${account}${country}00`;
  const digits = rearranged.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  return String(98n - (BigInt(digits) % 97n)).padStart(2, "0");
}

/** Clé RIB: bank, branch and account weighted, modulo 97. */
function french(random: Random): string {
  const bank = "99999";
  const branch = random.fill("0####");
  const account = random.fill("000########");
  const key = 97n - ((89n * BigInt(bank) + 15n * BigInt(branch) + 3n * BigInt(account)) % 97n);
  return `${bank}${branch}${account}${String(key).padStart(2, "0")}`;
}

const spanishWeights = [1, 2, 4, 8, 5, 10, 9, 7, 3, 6];

/** Two dígitos de control, one for bank and branch, one for the account, each modulo 11. */
function spanish(random: Random): string {
  const branch = random.fill("9999####");
  const account = random.fill("##########");
  return `${branch}${spanishDigit(`00${branch}`)}${spanishDigit(account)}${account}`;
}

function spanishDigit(digits: string): number {
  const sum = [...digits].reduce((total, digit, i) => total + Number(digit) * (spanishWeights[i] ?? 0), 0);
  const rest = 11 - (sum % 11);
  return rest === 11 ? 0 : rest === 10 ? 1 : rest;
}
