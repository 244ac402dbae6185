"use client";

import { startRegistration } from "@simplewebauthn/browser";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { EnrolmentOffer } from "@/lib/security/enrol";
import type { Action } from "@/lib/step-up/action-result";
import { Call } from "./call";
import type { Activated } from "./enrolment-actions";
import { useStepUpContext } from "./step-up-provider";

type Props = { offer: EnrolmentOffer; activate: Action<Activated>; onDone(result: Activated): void };

/** A new passkey, made by the browser: the click on "Add a passkey" led here, so it begins at once. */
export function SetUpPasskey({ offer, activate, onDone }: Props) {
  const { session } = useStepUpContext();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const begun = useRef(false);

  const create = async () => {
    setBusy(true);
    setError(null);
    const made = await make(offer);
    if ("error" in made) setError(made.error);
    else {
      const outcome = await new Call(
        activate,
        { enrolmentId: offer.enrolmentId, response: made.response },
        session.person.id,
      ).start();
      if (outcome?.status === "done") return onDone(outcome.data);
      setError(
        outcome?.status === "invalid" ? outcome.message : "This could not be saved. Try again in a moment.",
      );
    }
    setBusy(false);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when this is shown; afterwards by the button.
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    void create();
  }, []);
  return (
    <div className="flex flex-col gap-3">
      <p>Your device asks for your fingerprint, face or screen lock and keeps a passkey for Keyturn.</p>
      {error ? <Notice tone="danger">{error}</Notice> : null}
      <Button variant="primary" pending={busy} onClick={() => void create()}>
        {busy ? "Waiting for your device" : "Try again"}
      </Button>
    </div>
  );
}

async function make(offer: EnrolmentOffer): Promise<{ response: string } | { error: string }> {
  try {
    const optionsJSON = offer.passkey.creation as Parameters<typeof startRegistration>[0]["optionsJSON"];
    return { response: JSON.stringify(await startRegistration({ optionsJSON })) };
  } catch (error) {
    if (error instanceof Error && error.name === "InvalidStateError")
      return { error: "This device already has a passkey for your account." };
    return { error: "The passkey prompt was closed or timed out. Try again." };
  }
}
