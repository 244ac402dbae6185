"use client";

import { useState } from "react";
import { RecoveryCodes } from "@/components/step-up/recovery-codes";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import type { SecurityActions } from "./security-actions";
import { useAct } from "./use-act";

/** From here on a person should make new ones. */
const fewCodes = 3;

type Props = { left: number; first: boolean; generate: SecurityActions["generateRecoveryCodes"] };

/** How many codes are left, and a new set, shown once. */
export function RecoveryCodesPanel({ left, first, generate }: Props) {
  const { act, busy, message } = useAct(generate);
  const [codes, setCodes] = useState<string[] | null>(null);

  const onGenerate = async () => {
    const outcome = await act({}, "New recovery codes made");
    if (outcome.status === "done") setCodes(outcome.data.codes);
  };

  return (
    <Panel
      title="Recovery codes"
      action={
        first ? null : (
          <Button pending={busy} onClick={() => void onGenerate()}>
            Generate recovery codes
          </Button>
        )
      }
    >
      <div className="flex flex-col gap-3">
        {message ? <Notice tone="danger">{message}</Notice> : null}
        {first ? <p className="text-ink-soft">You get ten of them with your second factor.</p> : null}
        {!first && left > fewCodes ? (
          <p>{left} unused codes. Each lets you set up a new authenticator once, if you lose yours.</p>
        ) : null}
        {!first && left <= fewCodes ? (
          <Notice tone="warn">
            {left === 0
              ? "You have no unused code. Without one, only an administrator can help when your authenticator is lost."
              : `Only ${left} unused ${left === 1 ? "code is" : "codes are"} left. Make a new set in time.`}
          </Notice>
        ) : null}
      </div>
      {codes ? (
        <Dialog title="Your recovery codes" onCancel={() => {}}>
          <RecoveryCodes codes={codes} onSaved={() => setCodes(null)} />
        </Dialog>
      ) : null}
    </Panel>
  );
}
