import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { PublicPage } from "@/components/public-page";
import { SignInForm } from "@/components/security/sign-in-form";
import { Notice } from "@/components/ui/notice";
import { environment } from "@/lib/platform/env";
import { pathOnThisOrigin } from "@/lib/session/auth-options";
import { pageSession } from "@/lib/session/current-session";

export const metadata: Metadata = { title: "Sign in" };

type Props = { searchParams: Promise<{ callbackUrl?: string | string[]; reset?: string | string[] }> };

export default async function SignInPage({ searchParams }: Props) {
  const { callbackUrl, reset } = await searchParams;
  const env = environment();
  const target = pathOnThisOrigin(callbackUrl, env.origin);
  const session = await pageSession();
  // Half signed in: the form would begin anew what is left to finish.
  if (session === "held") redirect(`/sign-in/confirm?callbackUrl=${encodeURIComponent(target)}`);
  if (session) redirect(target);
  return (
    <PublicPage title="Sign in" demo={env.demo}>
      {reset === "done" ? (
        <Notice tone="open" title="Your new password is saved">
          Sign in with it.
        </Notice>
      ) : null}
      <SignInForm target={target} />
    </PublicPage>
  );
}
