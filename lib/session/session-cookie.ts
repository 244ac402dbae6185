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

const token = z.object({
  sessionId: z.uuid(),
  secret: z.string().min(40).max(64),
  /** Seconds since 1970; next-auth sets it. */
  exp: z.int(),
});

/** Reads our cookie; null for anything that this server did not encrypt. It carries no level and no role. */
export async function readSessionCookie(
  value: string | undefined,
  key: string,
): Promise<PresentedCookie | null> {
  if (!value) return null;
  const { sessionId, secret, exp } = remembered(value, key) ?? (await open(value, key)) ?? nothing;
  return exp * 1000 > Date.now() ? { sessionId, secret } : null;
}

type Opened = z.infer<typeof token>;

const nothing: Opened = { sessionId: "", secret: "", exp: 0 };

async function open(value: string, key: string): Promise<Opened | null> {
  try {
    return remember(value, token.parse(await decode({ token: value, secret: key })));
  } catch {
    return null;
  }
}

/**
 * What was opened lately. Decrypting says only what the cookie holds, never whether the session lives (that is the
 * database's word at each request), and next-auth derives its key anew each time: of a guarded action's own cost it
 * was the half.
 */
const lately = { key: "", opened: new Map<string, Opened>() };
const remembers = 1000;

function remembered(value: string, key: string): Opened | undefined {
  if (lately.key !== key) Object.assign(lately, { key, opened: new Map() });
  return lately.opened.get(value);
}

function remember(value: string, opened: Opened): Opened {
  const [oldest] = lately.opened.keys();
  if (oldest !== undefined && lately.opened.size >= remembers) lately.opened.delete(oldest);
  lately.opened.set(value, opened);
  return opened;
}

/** Writes it; it expires with the session's absolute lifetime. */
export async function writeSessionCookie(
  cookie: PresentedCookie,
  key: string,
  maxAgeSeconds = absoluteSeconds,
): Promise<string> {
  return encode({ token: { ...cookie }, secret: key, maxAge: Math.max(1, Math.floor(maxAgeSeconds)) });
}
