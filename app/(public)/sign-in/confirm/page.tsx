import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { sessionActions } from "@/app/session-actions";
import { PublicPage } from "@/components/public-page";
import { ConfirmSignIn } from "@/components/security/confirm-sign-in";
import { StepUpProvider } from "@/components/step-up/step-up-provider";
import { environment } from "@/lib/platform/env";
import { runningReader } from "@/lib/platform/running-database";
import { requirementOf } from "@/lib/policy/policy";
import { finishingKinds, readWaysOn, type WaysOn } from "@/lib/security/ways-on";
import { pathOnThisOrigin } from "@/lib/session/auth-options";
import { sessionToFinish } from "@/lib/session/current-session";
import { holdOf } from "@/lib/session/hold";
import type { CurrentSession } from "@/lib/session/read-session";
import { trustDays } from "@/lib/session/trusted-devices";
import { sentCodeFactors, usableAuthenticators } from "@/lib/step-up/facts";

export const metadata: Metadata = { title: "Confirm it's you" };

type Props = { searchParams: Promise<{ callbackUrl?: string | string[] }> };

/**
 * The one page that a held session opens: it tells whose session it is, why it is held, and what can finish it. The
 * names of authenticators are there only for somebody with a recovery code, who says which one is lost.
 */
export default async function ConfirmSignInPage({ searchParams }: Props) {
  const env = environment();
  const target = pathOnThisOrigin((await searchParams).callbackUrl, env.origin);
  const session = await sessionToFinish();
  if (!session) redirect(`/sign-in?callbackUrl=${encodeURIComponent(target)}`);
  const hold = holdOf(session);
  if (!hold) redirect(target);
  const { id, name, email } = session.person;
  const has = await readWaysOn(await runningReader(), session);
  const named = session.recoveryCodesLeft > 0 ? usableAuthenticators(session.authenticators) : [];
  return (
    <PublicPage title={hold === "sign-in" ? "Confirm it's you" : "Set up a second factor"} demo={env.demo}>
      <StepUpProvider
        actions={sessionActions}
        session={{
          person: { id, name, email },
          codesAt: env.demo ? "/demo" : null,
          lockEpoch: session.lockEpoch,
          authenticators: named.map(({ id, name }) => ({ id, name })),
          settable: finishingKinds(session),
          serverNow: session.now.getTime(),
          unlockedUntil: null,
        }}
      >
        <ConfirmSignIn
          risks={session.awaits}
          overdueSince={session.secondFactorBy}
          has={has}
          trustDays={mayTrust(session, has) ? trustDays : null}
          target={target}
          actions={sessionActions}
        />
      </StepUpProvider>
    </PublicPage>
  );
}

/** Trust takes a passkey or an app (lib/security/finish-sign-in.ts): with codes alone it would be chosen in vain. */
function mayTrust(session: CurrentSession, has: WaysOn): boolean {
  if (has === "none" || has === "recovery") return true;
  const { factors } = requirementOf("session.finish-sign-in", session);
  return usableAuthenticators(session.authenticators).some(
    ({ factor }) => factors.includes(factor) && !sentCodeFactors.includes(factor),
  );
}
