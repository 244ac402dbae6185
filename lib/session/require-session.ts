import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { pageSession } from "./current-session";
import type { CurrentSession } from "./read-session";

/** The session of this page's request; without one, to the sign-in or what is left of it, and back here afterwards. */
export async function requireSession(): Promise<CurrentSession> {
  const session = await pageSession();
  if (session && session !== "held") return session;
  const signIn = session === "held" ? "/sign-in/confirm" : "/sign-in";
  const path = (await headers()).get("x-keyturn-path");
  redirect(path ? `${signIn}?callbackUrl=${encodeURIComponent(path)}` : signIn);
}
