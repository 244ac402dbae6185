"use client";

import { useEffect, useState } from "react";
import { roleWords } from "@/components/role-words";
import type { SessionActions } from "@/components/step-up/step-up-provider";
import { LinkButton } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { Facts } from "@/components/ui/panel";
import type { Accepted, InvitationView as Shown } from "@/lib/people/accept-invitation";
import type { PublicAction } from "@/lib/public-command";
import { AcceptForm } from "./accept-form";
import { EnrolAccepted } from "./enrol-accepted";
import { useLinkToken } from "./use-link-token";
import { usePublicAct } from "./use-public-act";

export type InvitationActions = {
  look: PublicAction<Shown>;
  accept: PublicAction<Accepted>;
};

type Props = { actions: InvitationActions; session: SessionActions };

/** Where an invitation's link leads: whom it invites, a name and a password, and at once the second factor. */
export function InvitationView({ actions, session }: Props) {
  const token = useLinkToken();
  const [shown, setShown] = useState<Shown | null>(null);
  const [accepted, setAccepted] = useState<Accepted | null>(null);
  const { act: look, message } = usePublicAct(actions.look);

  useEffect(() => {
    if (!token) return;
    let current = true;
    setShown(null);
    void look({ token }).then((result) => {
      if (current && result?.status === "done") setShown(result.data);
    });
    return () => {
      current = false;
    };
  }, [look, token]);

  if (token === undefined) return null;
  if (token === null)
    return <NoLink>Open this page with the link that you were sent, as it stands there.</NoLink>;
  if (message) return <NoLink danger>{message}</NoLink>;
  if (!shown) return <p role="status">Looking at your link …</p>;
  if (accepted) return <EnrolAccepted accepted={accepted} invitation={shown} actions={session} />;
  return (
    <>
      <Told invitation={shown} />
      <AcceptForm
        key={token}
        token={token}
        invitation={shown}
        accept={actions.accept}
        onAccepted={setAccepted}
      />
    </>
  );
}

function Told({ invitation: { purpose, email, role, team, invitedBy } }: { invitation: Shown }) {
  return (
    <>
      {purpose === "recovery" ? (
        <Notice tone="warn">
          You choose a new password, and your old authenticators and recovery codes are removed. Set up a new
          second factor right afterwards: the link works this once.
        </Notice>
      ) : (
        <p>
          {invitedBy ?? "Whoever runs this installation"} invites you to Keyturn. Choose a password; then you
          set up your second factor.
        </p>
      )}
      <Facts
        facts={[
          { label: "Email", value: email },
          { label: "Role", value: roleWords[role] },
          ...(team ? [{ label: "Team", value: team }] : []),
        ]}
      />
    </>
  );
}

function NoLink({ danger = false, children }: { danger?: boolean; children: string }) {
  return (
    <>
      <Notice tone={danger ? "danger" : "info"}>{children}</Notice>
      <LinkButton href="/sign-in" prefetch={false}>
        Go to the sign-in
      </LinkButton>
    </>
  );
}
