"use client";

import { useState } from "react";
import { EnrolmentDialog } from "@/components/step-up/enrolment-dialog";
import { type SessionActions, StepUpProvider } from "@/components/step-up/step-up-provider";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { Accepted, InvitationView } from "@/lib/people/accept-invitation";

type Props = { accepted: Accepted; invitation: InvitationView; actions: SessionActions };

/**
 * The account is there and signed in; its second factor comes at once, while what vouched for it holds. The page is
 * still the link's own: going elsewhere first would lose the offer.
 */
export function EnrolAccepted({ accepted, invitation, actions }: Props) {
  const [later, setLater] = useState(false);
  const { person, offer, lockEpoch, now } = accepted;
  // Loaded anew: nothing of the link's page stays in memory.
  const goOn = () => window.location.assign("/");
  return (
    <StepUpProvider
      actions={actions}
      session={{
        person,
        lockEpoch,
        authenticators: [],
        settable: offer.kinds,
        codesAt: null,
        serverNow: now,
        unlockedUntil: null,
      }}
    >
      <div className="flex flex-col gap-6">
        <Notice tone="warn" title={`Welcome, ${person.name}: one step is left`}>
          {invitation.purpose === "recovery"
            ? "Without a second factor you can do no sensitive work, and only a new link lets you set one up."
            : "Without a second factor you can read, and no more. Set it up now: one that you set up later confirms no bank details, exports or administrative work for its first 24 hours."}
        </Notice>
        <div className="flex flex-wrap gap-2">
          <Button variant="primary" onClick={() => setLater(false)}>
            Set up a second factor
          </Button>
          <Button onClick={goOn}>Skip for now</Button>
        </div>
      </div>
      {later ? null : (
        <EnrolmentDialog
          first
          offer={offer}
          actions={actions}
          onDone={goOn}
          onCancel={() => setLater(true)}
        />
      )}
    </StepUpProvider>
  );
}
