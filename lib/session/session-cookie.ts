import { decode, encode } from "next-auth/jwt";
import { z } from "zod";
import type { Environment } from "@/lib/platform/env";
import { absoluteSeconds } from "./limits";
import type { PresentedCookie } from "./read-session";

/*
 * The names of our cookies. No other one may begin with the session cookie's: next-auth would take it for a chunk
 * of the session and delete both.
 */
export function cookieNames(env: Pick<Environment, "secure">) {
  const prefix = env.secure ? "__Host-" : "";
  return {
    session: `${prefix}keyturn.session`,
    csrf: `${prefix}keyturn.csrf`,
    callback: `${prefix}keyturn.callback`,
    device: `${prefix}keyturn.device`,
  };
}

/** Attributes of every cookie (ASVS v5.0.0-3.3). Secure is left out on loopback http, where Safari drops it. */
export function cookieAttributes(env: Pick<Environment, "secure">) {
  return { httpOnly: true, sameSite: "lax" as const, path: "/", secure: env.secure };
}

const token = z.object({ sessionId: z.uuid(), secret: z.string().min(40).max(64) });

/** Reads our cookie; null for anything that this server did not encrypt. It carries no level and no role. */
export async function readSessionCookie(
  value: string | undefined,
  key: string,
): Promise<PresentedCookie | null> {
  if (!value) return null;
  try {
    return token.parse(await decode({ token: value, secret: key }));
  } catch {
    return null;
  }
}

/** Writes it; it expires with the session's absolute lifetime. */
export async function writeSessionCookie(
  cookie: PresentedCookie,
  key: string,
  maxAgeSeconds = absoluteSeconds,
): Promise<string> {
  return encode({ token: { ...cookie }, secret: key, maxAge: Math.max(1, Math.floor(maxAgeSeconds)) });
}
