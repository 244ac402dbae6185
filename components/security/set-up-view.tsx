"use client";

import { type FormEvent, useRef, useState } from "react";
import { EnrolmentDialog } from "@/components/step-up/enrolment-dialog";
import { outcomeWords } from "@/components/step-up/outcome-words";
import { requestSignIn, signInWords } from "@/components/step-up/sign-in-request";
import { type SessionActions, StepUpProvider } from "@/components/step-up/step-up-provider";
import { useStepUp } from "@/components/step-up/use-step-up";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import type { SetUpView as Shown } from "@/lib/people/set-up";
import type { PublicAction } from "@/lib/public-command";
import type { EnrolmentOffer } from "@/lib/security/enrol";
import type { Action } from "@/lib/step-up/action-result";
import { LookedUpLink } from "./looked-up-link";

type Props = {
  actions: { look: PublicAction<Shown>; open: Action<EnrolmentOffer> };
  session: SessionActions;
};

/** Where the link of a reset leads: the password first, then a new second factor. */
export function SetUpView({ actions, session }: Props) {
  const [signedInAt, setSignedInAt] = useState<number | null>(null);
  return (
    <LookedUpLink look={actions.look}>
      {({ person, passwordLocked }, token) =>
        signedInAt === null ? (
          <PasswordForm
            email={person.email}
            locked={passwordLocked}
            onSignedIn={() => setSignedInAt(Date.now())}
          />
        ) : (
          <StepUpProvider
            actions={session}
            session={{
              person,
              lockEpoch: 0,
              authenticators: [],
              // The link vouches for the first one: no recovery code is asked for here.
              settable: [],
              codesAt: null,
              serverNow: signedInAt,
              unlockedUntil: null,
            }}
          >
            <NewFactor token={token} open={actions.open} actions={session} />
          </StepUpProvider>
        )
      }
    </LookedUpLink>
  );
}

type PasswordProps = { email: string; locked: boolean; onSignedIn(): void };

/** Signs in like everywhere: with the same budget of tries, and a session of its own. */
function PasswordForm({ email, locked, onSignedIn }: PasswordProps) {
  const field = useRef<HTMLInputElement>(null);
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const answer = await requestSignIn(email, password);
    setBusy(false);
    if (answer.outcome === "signed-in") return onSignedIn();
    setError(signInWords(answer));
    field.current?.focus();
    field.current?.select();
  };
  return (
    <form method="post" onSubmit={submit} className="flex flex-col gap-4" noValidate>
      <p>
        Your old authenticators and recovery codes were removed.{" "}
        {locked
          ? "Your password is locked: choose a new one first. Then sign in here, and set up a new second factor."
          : "Sign in, and set up a new one."}
      </p>
      <TextField label="Email" type="email" value={email} readOnly autoComplete="username" />
      <TextField
        ref={field}
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={error}
      />
      <Button type="submit" variant="primary" pending={busy}>
        Continue
      </Button>
      <a className="flex min-h-6 w-fit items-center text-sm underline underline-offset-4" href="/reset">
        Forgot password?
      </a>
      {locked ? null : (
        <p className="text-ink-soft text-sm">
          A new password by email ends this link, since email alone sets up no second factor: an administrator
          has to reset your factors again then.
        </p>
      )}
    </form>
  );
}

type NewFactorProps = { token: string; open: Action<EnrolmentOffer>; actions: SessionActions };

/** The link opens the set-up as often as it is given up, until one is bound. */
function NewFactor({ token, open, actions }: NewFactorProps) {
  const openSetUp = useStepUp(open);
  const [offer, setOffer] = useState<EnrolmentOffer | null>(null);
  const [message, setMessage] = useState<string | null>(null);
  const begin = async () => {
    setMessage(null);
    const outcome = await openSetUp({ token });
    if (outcome.status === "done") setOffer(outcome.data);
    else setMessage(outcomeWords(outcome));
  };
  // Loaded anew: nothing of the link's page stays in memory.
  const goOn = () => window.location.assign("/");
  return (
    <div className="flex flex-col gap-6">
      {message ? <Notice tone="danger">{message}</Notice> : null}
      <p>
        You are signed in. Until you have a second factor you can read, and no more. The new one confirms no
        bank details, exports or administrative work for its first 24 hours.
      </p>
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" onClick={() => void begin()}>
          Set up a second factor
        </Button>
        <Button onClick={goOn}>Skip for now</Button>
      </div>
      {offer ? (
        <EnrolmentDialog
          first
          offer={offer}
          actions={actions}
          onDone={goOn}
          onCancel={() => setOffer(null)}
        />
      ) : null}
    </div>
  );
}
