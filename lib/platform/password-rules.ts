import { createRequire } from "node:module";

/** Whose password it is to be: what everybody knows of them makes a poor secret. */
export type PasswordOwner = { email: string; name: string };

/** NIST SP 800-63B-4 § 3.1.1.2 for a password that signs in alone; ASVS v5.0.0-6.2.1. */
export const shortestPassword = 15;
/** Longer than any passphrase, and no work for argon2id (ASVS v5.0.0-6.2.9 asks for 64 at least). */
export const longestPassword = 256;

/**
 * What is wrong with a new password, in one sentence; null when nothing is. Length and a list of known ones, and no
 * rules of composition: spaces, every script and passphrases of common words are welcome (NIST SP 800-63B-4
 * § 3.1.1.2, ASVS v5.0.0-6.2.4, 6.2.5, 6.2.11, 6.2.12). What is judged is the whole, not the words that it is made of.
 */
export function passwordProblem(password: string, owner: PasswordOwner): string | null {
  // A lone half of a character has no UTF-8 form: what is hashed would not be what was typed.
  if (!password.isWellFormed()) return "The password holds a character that can't be read: type it again.";
  const { length } = [...password.normalize("NFC")];
  if (length < shortestPassword)
    return `Use at least ${shortestPassword} characters: some words that belong together only for you are easy to remember.`;
  if (length > longestPassword) return `Use at most ${longestPassword} characters.`;
  const whole = folded(password);
  if (isRepetition(whole)) return "This password repeats itself. Choose one that is harder to guess.";
  if (isRow(whole))
    return "This password follows the keyboard or the alphabet. Choose one that is harder to guess.";
  const own = withoutOwn(whole, owner);
  if (own.length < whole.length / 2)
    return "Your name, your email address or this app's name make up most of this password. Choose another one.";
  if ([whole, own].some(isCommon))
    return "This password is among the first that anybody tries. Choose another one.";
  return null;
}

/** Case, width, spaces and signs hide nothing from somebody who guesses. */
function folded(text: string): string {
  const letters = text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, "");
  // Nothing but signs: then these are what is judged.
  return letters || text;
}

/** One character, word or group over and over, the last time perhaps cut off. */
function isRepetition(text: string): boolean {
  for (let period = 1; period <= text.length / 2; period++)
    if (text.slice(period) === text.slice(0, -period)) return true;
  return false;
}

const rows = [
  "abcdefghijklmnopqrstuvwxyz",
  "qwertyuiop",
  "qwertzuiop",
  "azertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "01234567890",
];
const neighbours = new Set(
  rows.flatMap((row) =>
    [...row].slice(1).flatMap((to, index) => [`${row[index]}${to}`, `${to}${row[index]}`]),
  ),
);

/** Two thirds of the characters stand beside the one before: far more than in any language's words. */
function isRow(text: string): boolean {
  const pairs = Array.from({ length: text.length - 1 }, (_, index) => text.slice(index, index + 2));
  const following = pairs.filter((pair) => neighbours.has(pair) || pair[0] === pair[1]);
  return following.length >= (pairs.length * 2) / 3;
}

/** What is left without the person's and the app's own names (ASVS v5.0.0-6.2.11). */
function withoutOwn(text: string, { email, name }: PasswordOwner): string {
  const words = `${name} ${email} keyturn`
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .map((word) => folded(word))
    .filter((word) => word.length >= 3)
    .sort((one, other) => other.length - one.length);
  return words.reduce((left, word) => left.replaceAll(word, ""), text);
}

/** On the list, as it is or with digits put before or behind it. */
function isCommon(text: string): boolean {
  const bare = text.replace(/^\p{N}+|\p{N}+$/gu, "");
  return [text, bare].some((one) => commonPasswords().has(one));
}

let common: ReadonlySet<string> | undefined;

/** Some 49,000 passwords out of breaches, read when the first password is chosen: few processes ever need them. */
function commonPasswords(): ReadonlySet<string> {
  if (!common) {
    const require = createRequire(import.meta.url);
    const { dictionary } =
      require("@zxcvbn-ts/language-common") as typeof import("@zxcvbn-ts/language-common");
    common = new Set(dictionary["passwords-common"]);
  }
  return common;
}
