"use client";

import { Suspense, useState } from "react";
import { EnrolmentDialog, fetchDialog } from "@/components/step-up/dialogs-on-demand";
import { outcomeWords } from "@/components/step-up/outcome-words";
import type { SessionActions } from "@/components/step-up/step-up-provider";
import { useStepUpContext } from "@/components/step-up/step-up-provider";
import { useStepUp } from "@/components/step-up/use-step-up";
import { riskWords } from "@/components/step-up/words";
import { Button } from "@/components/ui/button";
import { CheckField } from "@/components/ui/check-field";
import { Notice } from "@/components/ui/notice";
import { When } from "@/components/ui/when";
import type { SignInRisk } from "@/lib/step-up/facts";
import { AskForHelp } from "./ask-for-help";

type Props = {
  /** What about the sign-in asks for a second factor; null: their role demands one, and its time is over. */
  risks: SignInRisk[] | null;
  overdueSince: Date | null;
  /** `none`: there never was one. `lost`: there was one, and none of them works any more. */
  has: "some" | "none" | "lost";
  trustDays: number;
  /** Where the person was going. */
  target: string;
  actions: SessionActions;
};

/** What is left of a sign-in. Afterwards the whole page is loaded anew, as after a password. */
export function ConfirmSignIn({ target, actions, ...props }: Props) {
  const { signOut } = useStepUpContext();
  const [leaving, setLeaving] = useState(false);
  const goOn = () => {
    setLeaving(true);
    window.location.assign(target);
  };
  return (
    <>
      {props.risks ? (
        <Confirm {...props} risks={props.risks} actions={actions} leaving={leaving} onDone={goOn} />
      ) : (
        <SetUp {...props} actions={actions} leaving={leaving} onDone={goOn} />
      )}
      {props.has === "lost" ? <AskForHelp ask={actions.askForHelp} /> : null}
      <Button variant="quiet" className="w-fit px-0" onClick={() => void signOut()}>
        Sign out
      </Button>
    </>
  );
}

type PartProps = Omit<Props, "target"> & { leaving: boolean; onDone(): void };

function Confirm({ risks, has, trustDays, actions, leaving, onDone }: PartProps & { risks: SignInRisk[] }) {
  const finish = useStepUp(actions.finishSignIn);
  const [trusted, setTrusted] = useState(false);
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const confirm = async () => {
    setBusy(true);
    setMessage(null);
    const outcome = await finish({ trustDevice: trusted });
    setBusy(false);
    if (outcome.status === "done") return onDone();
    setMessage(outcomeWords(outcome));
  };
  return (
    <>
      <div className="flex flex-col gap-2">
        <p>{leadWords[has]}</p>
        <ul className="list-disc space-y-1 pl-5 text-ink-soft">
          {risks.map((risk) => (
            <li key={risk}>{riskWords(risk)}</li>
          ))}
        </ul>
      </div>
      {message ? <Notice tone="danger">{message}</Notice> : null}
      <CheckField
        label={`Don't ask on this device for ${trustDays} days`}
        hint="At sign-in only: sensitive work still asks. Leave it off where others use this device."
        checked={trusted}
        onChange={(event) => setTrusted(event.target.checked)}
      />
      <Button variant="primary" pending={busy || leaving} onClick={() => void confirm()}>
        Confirm it's you
      </Button>
    </>
  );
}

const leadWords = {
  some: "Your password was right. This sign-in needs your second factor too; then you go on to your work.",
  none: "Your password was right. This sign-in needs a second factor too, and you have none yet: you set one up now, and then go on to your work.",
  lost: "Your password was right. This sign-in needs a second factor too, and none of yours works any more. A recovery code lets you set up a new one.",
};

function SetUp({ overdueSince, has, actions, leaving, onDone }: PartProps) {
  const [open, setOpen] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const begin = async () => {
    const fetched = await fetchDialog("enrol");
    setOpen(fetched);
    setMessage(fetched ? null : outcomeWords({ status: "failed", reference: "no-connection" }));
  };
  return (
    <>
      <p>
        Your role needs a second factor, and the time for setting one up ended
        {overdueSince ? (
          <>
            {" "}
            on <When at={overdueSince} />
          </>
        ) : null}
        . Nothing else opens until it is done. It takes a minute; then you go on to your work.
      </p>
      {message ? <Notice tone="danger">{message}</Notice> : null}
      <Button variant="primary" pending={leaving} onClick={() => void begin()}>
        Set up a second factor
      </Button>
      {open ? (
        <Suspense>
          <EnrolmentDialog
            first={has === "none"}
            actions={actions}
            onDone={onDone}
            onCancel={() => setOpen(false)}
          />
        </Suspense>
      ) : null}
    </>
  );
}
