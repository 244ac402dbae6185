"use client";

import { useState } from "react";
import { roleWords } from "@/components/role-words";
import type { SessionActions } from "@/components/step-up/step-up-provider";
import { Notice } from "@/components/ui/notice";
import { Facts } from "@/components/ui/panel";
import type { Accepted, InvitationView as Shown } from "@/lib/people/accept-invitation";
import type { PublicAction } from "@/lib/public-command";
import { AcceptForm } from "./accept-form";
import { EnrolAccepted } from "./enrol-accepted";
import { LookedUpLink } from "./looked-up-link";

export type InvitationActions = {
  look: PublicAction<Shown>;
  accept: PublicAction<Accepted>;
};

type Props = { actions: InvitationActions; session: SessionActions };

/** Where an invitation's link leads: whom it invites, a name and a password, and at once the second factor. */
export function InvitationView({ actions, session }: Props) {
  const [accepted, setAccepted] = useState<Accepted | null>(null);
  return (
    <LookedUpLink look={actions.look}>
      {(shown, token) =>
        accepted ? (
          <EnrolAccepted accepted={accepted} invitation={shown} actions={session} />
        ) : (
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
        )
      }
    </LookedUpLink>
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
