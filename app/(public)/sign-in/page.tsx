import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SignInForm } from "@/components/security/sign-in-form";
import { Logo } from "@/components/ui/logo";
import { environment } from "@/lib/platform/env";
import { onThisOrigin } from "@/lib/session/auth-options";
import { currentSession } from "@/lib/session/current-session";

export const metadata: Metadata = { title: "Sign in" };

type Props = { searchParams: Promise<{ callbackUrl?: string | string[] }> };

export default async function SignInPage({ searchParams }: Props) {
  const { callbackUrl } = await searchParams;
  const env = environment();
  const wanted = typeof callbackUrl === "string" ? callbackUrl : "/customers";
  const { pathname, search } = new URL(onThisOrigin(wanted, env.origin));
  const target = pathname === "/" ? "/customers" : pathname + search;
  if (await currentSession()) redirect(target);
  return (
    <main className="mx-auto flex min-h-dvh max-w-sm flex-col justify-center gap-6 px-4 py-12">
      <Logo />
      <h1 className="font-semibold text-2xl">Sign in</h1>
      <SignInForm target={target} />
      {env.demo ? (
        <p className="text-ink-soft text-sm">
          This is a demo.{" "}
          <a className="text-ink underline underline-offset-4" href="/demo" target="_blank" rel="noopener">
            Accounts and their current codes
          </a>
        </p>
      ) : null}
    </main>
  );
}
