import type { ReactNode } from "react";
import { sessionActions } from "@/app/session-actions";
import { DeadlineBanner } from "@/components/deadline-banner";
import { SignedInShell } from "@/components/signed-in-shell";
import { StepUpProvider } from "@/components/step-up/step-up-provider";
import { destinations } from "@/lib/access/destinations";
import { decidePage } from "@/lib/define-action";
import { environment } from "@/lib/platform/env";
import { settableKinds } from "@/lib/security/settable";
import { requireSession } from "@/lib/session/require-session";
import { usableAuthenticators } from "@/lib/step-up/facts";

export default async function SignedInLayout({ children }: { children: ReactNode }) {
  const session = await requireSession();
  const { id, name, email } = session.person;
  const daily = decidePage("customer.edit", session);
  return (
    <StepUpProvider
      actions={sessionActions}
      session={{
        person: { id, name, email },
        codesAt: environment().demo ? "/demo" : null,
        lockEpoch: session.lockEpoch,
        authenticators: usableAuthenticators(session.authenticators).map(({ id, name }) => ({ id, name })),
        settable: settableKinds(session),
        serverNow: session.now.getTime(),
        unlockedUntil: daily.outcome === "satisfied" ? (daily.until?.getTime() ?? null) : null,
      }}
    >
      <SignedInShell
        person={{ name, email }}
        destinations={destinations[session.person.role]}
        demo={environment().demo}
      >
        {session.secondFactorBy ? <DeadlineBanner by={session.secondFactorBy} /> : null}
        {children}
      </SignedInShell>
    </StepUpProvider>
  );
}
