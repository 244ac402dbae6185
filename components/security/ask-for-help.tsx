"use client";

import { useState } from "react";
import { Call } from "@/components/step-up/call";
import { useStepUpContext } from "@/components/step-up/step-up-provider";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { Action } from "@/lib/step-up/action-result";

/** Nothing of theirs works, and no recovery code is at hand: an administrator hears of it. */
export function AskForHelp({ codesLeft, ask }: { codesLeft: boolean; ask: Action<null> }) {
  const { session } = useStepUpContext();
  const [asked, setAsked] = useState<"no" | "asking" | "yes" | "failed">("no");
  const send = async () => {
    setAsked("asking");
    const outcome = await new Call(ask, { action: "session.finish-sign-in" }, session.person.id).start();
    setAsked(outcome?.status === "done" ? "yes" : "failed");
  };
  if (asked === "yes")
    return (
      <Notice tone="open">
        The administrators have your request. They will want to make sure that it is you.
      </Notice>
    );
  return (
    <div className="flex flex-col gap-2">
      <p>
        {codesLeft ? "No recovery code either? " : ""}An administrator of Keyturn in your company can reset
        your second factor.
      </p>
      {asked === "failed" ? <Notice tone="danger">The request could not be sent. Try again.</Notice> : null}
      <Button pending={asked === "asking"} onClick={() => void send()}>
        Ask an administrator
      </Button>
    </div>
  );
}
