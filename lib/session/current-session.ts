import { cookies, headers } from "next/headers";
import { cache } from "react";
import { clearBrowser } from "@/lib/platform/answer";
import { environment } from "@/lib/platform/env";
import { runningDatabase } from "@/lib/platform/running-database";
import { secrets } from "@/lib/platform/secrets";
import type { ActionName } from "@/lib/protected-actions";
import type { Visitor } from "@/lib/public-command";
import type { Rotation } from "@/lib/step-up/ports";
import { type Device, deviceOf, deviceSeconds } from "./device";
import { absoluteSeconds } from "./limits";
import { type CurrentSession, type PresentedCookie, prepareReadSession } from "./read-session";
import { touch } from "./rotation";
import { cookieAttributes, cookieNames, readSessionCookie, writeSessionCookie } from "./session-cookie";

let prepared: Promise<ReturnType<typeof prepareReadSession>> | undefined;

/**
 * The session of this request for an action, or with null for a page, read from the database: one query. null: nobody
 * is signed in. "held": somebody is, whose session doesn't open this yet (hold.ts).
 */
export async function readSessionFor(action: ActionName | null): Promise<CurrentSession | "held" | null> {
  const cookie = await presentedCookie();
  if (!cookie) return null;
  prepared ??= runningDatabase().then(({ reader }) => prepareReadSession(reader, environment().demo));
  const session = await (await prepared)(cookie, action);
  // Ended elsewhere, or run out: this browser learns it here. Its cookie stays, worthless: to take it back could take
  // the next session's, when this answer comes after another tab's sign-in.
  if (!session) clearBrowser();
  else if (session !== "held") await touch((await runningDatabase()).database, session);
  return session;
}

/** The same for a page, once for everything that renders it. */
export const pageSession = cache(() => readSessionFor(null));

/** The session that pages and routes render for; a held one opens none of them. */
export async function currentSession(): Promise<CurrentSession | null> {
  const session = await pageSession();
  return session === "held" ? null : session;
}

/** For the one page that finishes a sign-in: held or not. */
export async function sessionToFinish(): Promise<CurrentSession | null> {
  const session = await readSessionFor("session.finish-sign-in");
  return session === "held" ? null : session;
}

export async function presentedCookie() {
  const jar = await cookies();
  return readSessionCookie(jar.get(cookieNames(environment()).session)?.value, secrets().nextAuth);
}

/** Puts a rotated secret into the cookie. Called only after the rotation is committed. */
export async function deliverCookie({ sessionId, secret, maxAgeSeconds }: Rotation): Promise<void> {
  const env = environment();
  const maxAge = Math.max(1, Math.floor(maxAgeSeconds));
  const value = await writeSessionCookie({ sessionId, secret }, secrets().nextAuth, maxAge);
  (await cookies()).set(cookieNames(env).session, value, { ...cookieAttributes(env), maxAge });
}

/** The cookie of a session that was just made and committed, and the one of the device that it was made on. */
export async function deliverNewCookie(
  { sessionId, secret }: PresentedCookie,
  device: Device,
): Promise<void> {
  await deliverCookie({ sessionId, secret, maxAgeSeconds: absoluteSeconds });
  await deliverDevice(device.value);
}

/** Tells this browser which device it is. Outlives sign-out; opens nothing without the password. */
export async function deliverDevice(value: string): Promise<void> {
  const env = environment();
  (await cookies()).set(cookieNames(env).device, value, { ...cookieAttributes(env), maxAge: deviceSeconds });
}

/** The device of this request's browser; a new one where it brings none. */
export async function presentedDevice(): Promise<Device> {
  return deviceOf((await cookies()).get(cookieNames(environment()).device)?.value);
}

/** The browser of a request that needs no session. */
export async function visitor(device: Device): Promise<Visitor> {
  return {
    deviceHash: device.hash,
    userAgent: (await headers()).get("user-agent") ?? "",
    address: await clientAddress(),
  };
}

/** The client address as scripts/serve put it: the socket's, or what a configured proxy says. */
export async function clientAddress(): Promise<string> {
  return (await headers()).get("x-keyturn-address") ?? "unknown";
}

/** Origin and Host must be ours; a missing Origin is refused, unlike in Next itself (threats.md 2). */
export async function originAllowed(): Promise<boolean> {
  const list = await headers();
  const env = environment();
  return (
    env.allowedOrigins.includes(list.get("origin") ?? "") && env.allowedHosts.includes(list.get("host") ?? "")
  );
}
