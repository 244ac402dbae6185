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

/**
 * `none`: there never was one. `recovery`: none is accepted here, and a recovery code is left. `link`: they were reset,
 * and a link was mailed. `lost`: nothing is left but asking.
 */
export type WaysOn = "some" | "none" | "recovery" | "link" | "lost";

type Props = {
  /** What about the sign-in asks for a second factor; null: their role demands one, and its time is over. */
  risks: SignInRisk[] | null;
  overdueSince: Date | null;
  has: WaysOn;
  /** For how long this device can be trusted; null: not with what the person has. */
  trustDays: number | null;
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
      {props.has === "recovery" || props.has === "lost" ? (
        <AskForHelp codesLeft={props.has === "recovery"} ask={actions.askForHelp} />
      ) : null}
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
      {has === "link" || has === "lost" ? null : (
        <>
          {trustDays === null ? null : (
            <CheckField
              label={`Don't ask on this device for ${trustDays} days`}
              hint={`${risks.includes("always") ? "" : knownWords} ${trustWords}`.trim()}
              checked={trusted}
              onChange={(event) => setTrusted(event.target.checked)}
            />
          )}
          <Button variant="primary" pending={busy || leaving} onClick={() => void confirm()}>
            Confirm it's you
          </Button>
        </>
      )}
    </>
  );
}

const knownWords =
  "Once you confirm with a passkey or an app, this device counts as known either way. A trusted device stays trusted even if your company later asks at every sign-in.";
const trustWords =
  "For sign-in only: sensitive work still asks. Needs a passkey or an authenticator app. Leave it off where others use this device.";

const leadWords: Record<WaysOn, string> = {
  some: "Your password is correct. This sign-in needs your second factor too; then you can go on to your work.",
  none: "Your password is correct. This sign-in needs a second factor too, and you have none yet: set one up now, then go on to your work.",
  recovery:
    "Your password is correct. This sign-in needs a second factor too, and none of yours is accepted here. A recovery code lets you set up a new one.",
  link: "Your password is correct. Your second factors were reset: open the link that was sent to you, or that your administrator gave you, to set up a new one. If the link is gone, ask an administrator to reset them again.",
  lost: "Your password is correct. This sign-in needs a second factor too: none of yours is accepted here, and no recovery code can be used.",
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
        . Nothing else opens until it is done. {setUpWords[has]}
      </p>
      {message ? <Notice tone="danger">{message}</Notice> : null}
      {has === "link" || has === "lost" ? null : (
        <Button variant="primary" pending={leaving} onClick={() => void begin()}>
          Set up a second factor
        </Button>
      )}
      {open ? (
        <Suspense>
          <EnrolmentDialog
            first={has === "none"}
            by={has === "recovery" ? "recovery-code" : "password"}
            actions={actions}
            onDone={onDone}
            onCancel={() => setOpen(false)}
          />
        </Suspense>
      ) : null}
    </>
  );
}

const setUpWords: Record<WaysOn, string> = {
  some: "It takes a minute; then you can go on to your work.",
  none: "It takes a minute; then you can go on to your work.",
  recovery: "None of yours is accepted here. A recovery code lets you set up a new one.",
  link: "Your second factors were reset: open the link that was sent to you, or that your administrator gave you, to set up a new one.",
  lost: "None of yours is accepted here, and no recovery code can be used.",
};
