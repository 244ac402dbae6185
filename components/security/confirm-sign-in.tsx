"use client";

import { useRouter } from "next/navigation";
import { Suspense, useState } from "react";
import { EnrolmentDialog, fetchDialog } from "@/components/step-up/dialogs-on-demand";
import { outcomeWords } from "@/components/step-up/outcome-words";
import { setUpLabels } from "@/components/step-up/set-up-labels";
import type { SessionActions } from "@/components/step-up/step-up-provider";
import { useStepUpContext } from "@/components/step-up/step-up-provider";
import { useStepUp } from "@/components/step-up/use-step-up";
import { riskWords } from "@/components/step-up/words";
import { Button } from "@/components/ui/button";
import { CheckField } from "@/components/ui/check-field";
import { Notice } from "@/components/ui/notice";
import { When } from "@/components/ui/when";
import type { EnrolmentOffer } from "@/lib/security/enrol";
import type { WaysOn } from "@/lib/security/ways-on";
import type { EnrolledFactor, SignInRisk } from "@/lib/step-up/facts";
import { AskForHelp } from "./ask-for-help";

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

const unreachable = { status: "failed", reference: "no-connection" } as const;

type PartProps = Omit<Props, "target"> & { leaving: boolean; onDone(): void };

function Confirm({ risks, has, trustDays, actions, leaving, onDone }: PartProps & { risks: SignInRisk[] }) {
  const router = useRouter();
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
      {has === "another" ? (
        <SetUpAnother
          actions={actions}
          onDone={() => {
            router.refresh();
            void confirm();
          }}
        />
      ) : null}
      {has === "another" || has === "link" || has === "lost" ? null : (
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
  another:
    "Your password is correct. This sign-in needs a second factor too, and none of yours is accepted here. What you have lets you set up one that is; then go on to your work.",
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
    setMessage(fetched ? null : outcomeWords(unreachable));
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
      {has === "another" ? <SetUpAnother actions={actions} onDone={onDone} /> : null}
      {has === "none" || has === "recovery" ? (
        <Button variant="primary" pending={leaving} onClick={() => void begin()}>
          Set up a second factor
        </Button>
      ) : null}
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
  another: "None of yours is accepted here. What you have lets you set up one that is.",
  recovery: "None of yours is accepted here. A recovery code lets you set up a new one.",
  link: "Your second factors were reset: open the link that was sent to you, or that your administrator gave you, to set up a new one.",
  lost: "None of yours is accepted here, and no recovery code can be used.",
};

/** The proof for exactly this first, with whatever confirms it; then the ceremony of what was chosen. */
function SetUpAnother({ actions, onDone }: Pick<PartProps, "actions" | "onDone">) {
  const { session } = useStepUpContext();
  const router = useRouter();
  const openEnrolment = useStepUp(actions.openEnrolment);
  const [adding, setAdding] = useState<{ kind: EnrolledFactor; offer: EnrolmentOffer } | null>(null);
  const [message, setMessage] = useState<string | null>(null);
  const add = async (kind: EnrolledFactor) => {
    setMessage(null);
    if (!(await fetchDialog("enrol"))) return setMessage(outcomeWords(unreachable));
    const outcome = await openEnrolment({ factor: kind });
    if (outcome.status === "done") return setAdding({ kind, offer: outcome.data });
    setMessage(outcomeWords(outcome));
    // In the prompt a recovery code may have set one up already.
    router.refresh();
  };
  return (
    <>
      {message ? <Notice tone="danger">{message}</Notice> : null}
      {session.settable.map((kind, index) => (
        <Button key={kind} variant={index === 0 ? "primary" : "secondary"} onClick={() => void add(kind)}>
          {setUpLabels[kind]}
        </Button>
      ))}
      {adding ? (
        <Suspense>
          <EnrolmentDialog
            first={false}
            kind={adding.kind}
            offer={adding.offer}
            actions={actions}
            onDone={() => {
              setAdding(null);
              onDone();
            }}
            onCancel={() => setAdding(null)}
          />
        </Suspense>
      ) : null}
    </>
  );
}
