import { createHash, randomBytes } from "node:crypto";

/** Which browser this is. Its cookie lives long and opens nothing without the password. */
export type Device = { value: string; hash: string };

/** How long a browser keeps its device cookie: 400 days, the most that browsers allow. */
export const deviceSeconds = 400 * 24 * 60 * 60;

/** The device of a cookie; a new one where there is none, or none of ours: 256 random bits, base64url. */
export function deviceOf(cookie: string | undefined): Device {
  const value = cookie && /^[\w-]{43}$/.test(cookie) ? cookie : randomBytes(32).toString("base64url");
  return { value, hash: createHash("sha256").update(value).digest("hex") };
}
