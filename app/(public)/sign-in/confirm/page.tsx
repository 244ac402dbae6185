import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { sessionActions } from "@/app/session-actions";
import { PublicPage } from "@/components/public-page";
import { ConfirmSignIn } from "@/components/security/confirm-sign-in";
import { StepUpProvider } from "@/components/step-up/step-up-provider";
import { environment } from "@/lib/platform/env";
import { settableKinds } from "@/lib/security/settable";
import { pathOnThisOrigin } from "@/lib/session/auth-options";
import { sessionToFinish } from "@/lib/session/current-session";
import { holdOf } from "@/lib/session/hold";
import { trustDays } from "@/lib/session/trusted-devices";
import { usableAuthenticators } from "@/lib/step-up/facts";

export const metadata: Metadata = { title: "Confirm it's you" };

type Props = { searchParams: Promise<{ callbackUrl?: string | string[] }> };

/** The one page that a held session opens: it tells nothing but whose session it is, and why it is held. */
export default async function ConfirmSignInPage({ searchParams }: Props) {
  const env = environment();
  const target = pathOnThisOrigin((await searchParams).callbackUrl, env.origin);
  const session = await sessionToFinish();
  if (!session) redirect(`/sign-in?callbackUrl=${encodeURIComponent(target)}`);
  const hold = holdOf(session);
  if (!hold) redirect(target);
  const { id, name, email } = session.person;
  const usable = usableAuthenticators(session.authenticators);
  const has = usable.length > 0 ? "some" : session.authenticators.length > 0 ? "lost" : "none";
  return (
    <PublicPage title={hold === "sign-in" ? "Confirm it's you" : "Set up a second factor"} demo={env.demo}>
      <StepUpProvider
        actions={sessionActions}
        session={{
          person: { id, name, email },
          codesAt: env.demo ? "/demo" : null,
          lockEpoch: session.lockEpoch,
          authenticators: usable.map(({ id, name }) => ({ id, name })),
          settable: settableKinds(session),
          serverNow: session.now.getTime(),
          unlockedUntil: null,
        }}
      >
        <ConfirmSignIn
          risks={session.awaits}
          overdueSince={session.secondFactorBy}
          has={has}
          trustDays={trustDays}
          target={target}
          actions={sessionActions}
        />
      </StepUpProvider>
    </PublicPage>
  );
}
