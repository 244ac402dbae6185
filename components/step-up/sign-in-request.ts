export type SignInAnswer =
  | { outcome: "signed-in" }
  | { outcome: "refused" }
  | { outcome: "rate-limited"; seconds: number }
  | { outcome: "busy" }
  | { outcome: "unreachable" };

/** Signs in through next-auth's credentials route; the cookie comes with the answer. */
export async function requestSignIn(email: string, password: string): Promise<SignInAnswer> {
  try {
    const csrf = (await (await fetch("/api/auth/csrf", { cache: "no-store" })).json()) as {
      csrfToken: string;
    };
    const body = new URLSearchParams({
      email,
      password,
      csrfToken: csrf.csrfToken,
      json: "true",
      callbackUrl: "/customers",
    });
    const response = await fetch("/api/auth/callback/credentials", {
      method: "POST",
      body,
      cache: "no-store",
    });
    if (response.ok) return { outcome: "signed-in" };
    if (response.status !== 401) return { outcome: "unreachable" };
    const { url } = (await response.json()) as { url: string };
    const error = new URL(url, window.location.origin).searchParams.get("error") ?? "";
    if (error === "busy") return { outcome: "busy" };
    if (error === "unavailable") return { outcome: "unreachable" };
    const wait = /^rate-limited:(\d+)$/.exec(error);
    return wait ? { outcome: "rate-limited", seconds: Number(wait[1]) } : { outcome: "refused" };
  } catch {
    return { outcome: "unreachable" };
  }
}

/** The same words for every reason that a sign-in can have to be refused (threats.md 23). */
export function signInWords(answer: SignInAnswer): string | null {
  switch (answer.outcome) {
    case "signed-in":
      return null;
    case "refused":
      return "Email or password is wrong.";
    case "rate-limited":
      return `Too many tries. Try again in ${answer.seconds < 60 ? `${answer.seconds} s` : `${Math.ceil(answer.seconds / 60)} min`}.`;
    case "busy":
      return "Too many people are signing in right now. Try again in a moment.";
    case "unreachable":
      return "Keyturn could not be reached. Try again in a moment.";
  }
}
