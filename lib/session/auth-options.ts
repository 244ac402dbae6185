import { randomBytes } from "node:crypto";
import type { NextAuthOptions } from "next-auth";
import CredentialsProvider from "next-auth/providers/credentials";
import { environment } from "@/lib/platform/env";
import { logFailure } from "@/lib/platform/log";
import { runningDatabase } from "@/lib/platform/running-database";
import { secrets } from "@/lib/platform/secrets";
import { absoluteSeconds } from "./limits";
import { cookieAttributes, cookieNames } from "./session-cookie";
import { type SignInAttempt, type SignInResult, signIn } from "./sign-in";

export type SignInDevice = Required<Omit<SignInAttempt, "email" | "password">>;

/**
 * next-auth's part: the form's CSRF token, the credentials call, the cookie. What it puts into the cookie is a
 * session's id and secret; who that is and what they may do is read from the database at each use.
 */
export function authOptions(device: SignInDevice): NextAuthOptions {
  const env = environment();
  const names = cookieNames(env);
  const options = cookieAttributes(env);
  return {
    secret: secrets().nextAuth,
    useSecureCookies: env.secure,
    session: { strategy: "jwt", maxAge: absoluteSeconds },
    pages: { signIn: "/sign-in", error: "/sign-in" },
    cookies: {
      sessionToken: { name: names.session, options },
      csrfToken: { name: names.csrf, options },
      callbackUrl: { name: names.callback, options },
    },
    providers: [
      CredentialsProvider({
        credentials: { email: {}, password: {} },
        authorize: (credentials) => authorize(device, credentials),
      }),
    ],
    callbacks: {
      jwt: ({ user }) => user?.cookie ?? {},
      redirect: ({ url, baseUrl }) => onThisOrigin(url, baseUrl),
    },
    logger: { error: () => {}, warn: () => {}, debug: () => {} },
  };
}

async function authorize(
  device: SignInDevice,
  credentials: { email?: string; password?: string } | undefined,
) {
  const { email, password } = credentials ?? {};
  if (
    typeof email !== "string" ||
    typeof password !== "string" ||
    email.length > 254 ||
    password.length > 1024
  )
    return null;
  const result = await attempted({ email, password, ...device });
  if (result.outcome === "busy") throw new Error("busy");
  if (result.outcome === "rate-limited") throw new Error(`rate-limited:${result.retryAfterSeconds}`);
  return result.outcome === "signed-in" ? { id: result.personId, cookie: result.cookie } : null;
}

/** next-auth hands an error's message to the browser, and a driver's would tell the statement (threats.md 26). */
async function attempted(attempt: SignInAttempt): Promise<SignInResult> {
  try {
    const { database } = await runningDatabase();
    return await signIn(database, environment().demo, attempt);
  } catch (error) {
    logFailure(randomBytes(5).toString("hex"), "sign-in", error);
    throw new Error("unavailable");
  }
}

/** The same as a path, of what a page's address asks for; the person's work where it asks for nothing. */
export function pathOnThisOrigin(wanted: string | string[] | undefined, baseUrl: string): string {
  const { pathname, search } = new URL(onThisOrigin(typeof wanted === "string" ? wanted : "/", baseUrl));
  return pathname + search;
}

/** Where to after sign-in: a path of this origin, whatever was asked for (threats.md 25). */
export function onThisOrigin(url: string, baseUrl: string): string {
  try {
    const target = new URL(url, baseUrl);
    return target.origin === new URL(baseUrl).origin ? target.href : baseUrl;
  } catch {
    return baseUrl;
  }
}
