"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { Action, Challenge } from "@/lib/step-up/action-result";
import { Call } from "./call";
import { useStepUpContext } from "./step-up-provider";

type Props = { challenge: Challenge; askForHelp: Action<null>; onRecover(): void };

/** None of the person's authenticators is at hand: a recovery code, or an administrator. */
export function Stuck({ challenge, askForHelp, onRecover }: Props) {
  const { session } = useStepUpContext();
  const [asked, setAsked] = useState<"no" | "asking" | "yes" | "failed">("no");

  const ask = async () => {
    setAsked("asking");
    const outcome = await new Call(askForHelp, { action: challenge.action }, session.person.id).start();
    setAsked(outcome?.status === "done" ? "yes" : "failed");
  };

  return (
    <div className="flex flex-col gap-3">
      {challenge.recoveryCodesLeft > 0 ? (
        <>
          <p>
            A recovery code lets you set up a new authenticator on this device. Then you finish what you were
            doing.
          </p>
          <Button variant="primary" onClick={onRecover}>
            Use a recovery code
          </Button>
        </>
      ) : (
        <p>You have no unused recovery code.</p>
      )}
      {asked === "yes" ? (
        <Notice tone="open">
          The administrators have your request. They will want to make sure that it is you.
        </Notice>
      ) : (
        <>
          <p>An administrator of Keyturn in your company can reset your second factor.</p>
          {asked === "failed" ? (
            <Notice tone="danger">The request could not be sent. Try again.</Notice>
          ) : null}
          <Button pending={asked === "asking"} onClick={() => void ask()}>
            Ask an administrator
          </Button>
        </>
      )}
    </div>
  );
}
