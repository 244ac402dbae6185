"use client";

import { useRouter } from "next/navigation";
import { Suspense, useState } from "react";
import { EnrolmentDialog, fetchDialog } from "@/components/step-up/dialogs-on-demand";
import type { Kind } from "@/components/step-up/enrolment-dialog";
import { outcomeWords } from "@/components/step-up/outcome-words";
import { setUpLabels } from "@/components/step-up/set-up-labels";
import { useStepUp } from "@/components/step-up/use-step-up";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { useToast } from "@/components/ui/toast";
import type { EnrolmentOffer } from "@/lib/security/enrol";
import type { OwnAuthenticator, OwnSession, OwnTrustedDevice, PendingEmail } from "@/lib/security/read";
import { factorWords } from "@/lib/step-up/factor-words";
import type { EnrolledFactor } from "@/lib/step-up/facts";
import { AuthenticatorList } from "./authenticator-list";
import { EmailPanel } from "./email-panel";
import { KindsPanel } from "./kinds-panel";
import { PasswordPanel } from "./password-panel";
import { RecoveryCodesPanel } from "./recovery-codes-panel";
import type { SecurityActions } from "./security-actions";
import { SessionsPanel } from "./sessions-panel";
import { TrustedDevicesPanel } from "./trusted-devices-panel";

type Props = {
  email: string;
  authenticators: OwnAuthenticator[];
  /** Kinds that this person may set up now, and kinds that confirm anything of theirs. */
  settable: EnrolledFactor[];
  confirming: EnrolledFactor[];
  /** The account never had a second factor. */
  first: boolean;
  recoveryCodesLeft: number;
  sessions: OwnSession[];
  currentSession: string;
  trustedDevices: OwnTrustedDevice[];
  passwordChangedAt: Date | null;
  pendingEmail: PendingEmail | null;
  now: Date;
  actions: SecurityActions;
};

/** A kind is shown where it may be set up, or is there to be removed. */
const kindPanels = [
  {
    kind: "passkey",
    empty: "You have no passkey. It is the safest and quickest way to confirm.",
  },
  { kind: "totp", empty: "No authenticator app is set up." },
  {
    kind: "sms-code",
    empty:
      "A code to your phone confirms daily work, and nothing more. NIST restricts it: numbers can be taken over, and phone networks read along.",
  },
  {
    kind: "email-code",
    empty:
      "A code to your account's address confirms daily work, and nothing more. It is the weakest kind: NIST does not accept it as a second factor.",
  },
] as const;

const unreachable = { status: "failed", reference: "no-connection" } as const;

/** What can confirm that it is this person, where they are signed in, and changing either. */
export function SecurityView({
  authenticators,
  settable,
  confirming,
  first,
  now,
  actions,
  ...account
}: Props) {
  const router = useRouter();
  const toast = useToast();
  const openEnrolment = useStepUp(actions.openEnrolment);
  const [adding, setAdding] = useState<{ kind: Kind; offer: EnrolmentOffer | null } | null>(null);
  const [message, setMessage] = useState<string | null>(null);
  const of = (factor: EnrolledFactor) => authenticators.filter((one) => one.factor === factor);
  const usable = (factor: EnrolledFactor) =>
    confirming.includes(factor) &&
    of(factor).some((one) => one.suspendedAt === null && one.voidSince === null);
  const has = {
    totp: usable("totp"),
    passkey: usable("passkey"),
    "sms-code": usable("sms-code"),
    "email-code": usable("email-code"),
  };

  const add = async (kind: Kind) => {
    setMessage(null);
    if (!(await fetchDialog("enrol"))) return setMessage(outcomeWords(unreachable));
    if (first) return setAdding({ kind, offer: null });
    const outcome = await openEnrolment({ factor: kind });
    if (outcome.status === "done") return setAdding({ kind, offer: outcome.data });
    setMessage(outcomeWords(outcome));
  };

  const done = () => {
    toast(adding ? `${factorWords[adding.kind].label} added` : "Added");
    setAdding(null);
    router.refresh();
  };

  return (
    <div className="flex max-w-6xl flex-col gap-5">
      <PageHeader title="Security" />
      {message ? <Notice tone="danger">{message}</Notice> : null}
      <div className="grid items-start gap-5 lg:grid-cols-[3fr_2fr]">
        <div className="flex min-w-0 flex-col gap-5">
          <KindsPanel has={has} settable={settable} />
          {kindPanels.map(({ kind, empty }) =>
            settable.includes(kind) || of(kind).length > 0 ? (
              <Panel
                key={kind}
                title={factorWords[kind].labels}
                action={
                  settable.includes(kind) ? (
                    <Button
                      variant={kind === "passkey" && !has.passkey ? "primary" : "secondary"}
                      onClick={() => void add(kind)}
                    >
                      {setUpLabels[kind]}
                    </Button>
                  ) : null
                }
              >
                {confirming.includes(kind) ? null : (
                  <p className="mb-3">
                    These confirm nothing you do now: they are switched off, or your role doesn't accept them.
                  </p>
                )}
                <AuthenticatorList
                  label={factorWords[kind].labels}
                  items={of(kind)}
                  now={now}
                  empty={empty}
                  actions={actions}
                />
              </Panel>
            ) : null,
          )}
          <RecoveryCodesPanel
            left={account.recoveryCodesLeft}
            first={first}
            generate={actions.generateRecoveryCodes}
          />
        </div>
        <div className="flex min-w-0 flex-col gap-5">
          <SessionsPanel
            sessions={account.sessions}
            current={account.currentSession}
            end={actions.endSessions}
          />
          <TrustedDevicesPanel devices={account.trustedDevices} remove={actions.removeTrustedDevices} />
          <PasswordPanel
            email={account.email}
            changedAt={account.passwordChangedAt}
            first={first}
            change={actions.changePassword}
          />
          <EmailPanel email={account.email} pending={account.pendingEmail} actions={actions} />
        </div>
      </div>
      {adding ? (
        <Suspense>
          <EnrolmentDialog
            first={first}
            kind={adding.kind}
            {...(adding.offer ? { offer: adding.offer } : {})}
            actions={actions}
            onDone={done}
            onCancel={() => {
              setAdding(null);
              router.refresh();
            }}
          />
        </Suspense>
      ) : null}
    </div>
  );
}
