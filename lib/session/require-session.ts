import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { currentSession } from "./current-session";
import type { CurrentSession } from "./read-session";

/** The session of this page's request; without one, to the sign-in and back here afterwards. */
export async function requireSession(): Promise<CurrentSession> {
  const session = await currentSession();
  if (session) return session;
  const path = (await headers()).get("x-keyturn-path");
  redirect(path ? `/sign-in?callbackUrl=${encodeURIComponent(path)}` : "/sign-in");
}
