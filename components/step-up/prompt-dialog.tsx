"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import type { Challenge, FactorOption } from "@/lib/step-up/action-result";
import type { FactorName } from "@/lib/step-up/facts";
import type { Answer, PromptNotice } from "./call";
import { CodePrompt } from "./code-prompt";
import { EnrolmentDialog, fetchDialog } from "./dialogs-on-demand";
import { PasskeyPrompt } from "./passkey-prompt";
import { PasswordPrompt } from "./password-prompt";
import { PromptChanges } from "./prompt-changes";
import { SentCodePrompt } from "./sent-code-prompt";
import type { SessionActions } from "./step-up-provider";
import { Stuck } from "./stuck";
import { noticeWords, plainReasons, reasonWords, yourFactor } from "./words";

type Props = {
  challenge: Challenge;
  receivedAt: number;
  notice: PromptNotice | null;
  onAnswer(answer: Answer | null): Promise<void>;
  onCancel(): void;
  actions: SessionActions;
  codesAt: string | null;
};

/** Asks for the second factor: for what, with which change, by which method, and why (shared words: words.ts). */
export function PromptDialog({ challenge, receivedAt, notice, onAnswer, onCancel, actions, codesAt }: Props) {
  const { prompt, account, factors } = challenge;
  const [method, setMethod] = useState<FactorName | null>(null);
  const [view, setView] = useState<"prove" | "choose" | "stuck" | "recover">("prove");
  const [startNow, setStartNow] = useState(false);
  const current = factors.find((one) => one.factor === method) ?? factors[0];
  const others = factors.filter((one) => one !== current);

  if (view === "recover") {
    return (
      <EnrolmentDialog
        by="recovery-code"
        prompt={prompt}
        first={false}
        actions={actions}
        // The new one proves itself now, in a prompt like any other: under a challenge from after the enrolment's lock.
        onDone={() => void onAnswer(null).then(() => setView("prove"))}
        onCancel={onCancel}
      />
    );
  }
  const recover = async () => {
    if (await fetchDialog("enrol")) setView("recover");
  };
  const choose = (factor: FactorName) => {
    setMethod(factor);
    setStartNow(factor === "passkey");
    setView("prove");
  };
  return (
    <Dialog
      title="Confirm it's you"
      onCancel={onCancel}
      description={
        <>
          <p>
            <strong className="font-semibold text-ink">{prompt.purpose}</strong>
          </p>
          <p className="text-sm">Signed in as {account}</p>
        </>
      }
    >
      <PromptChanges changes={prompt.changes} />
      {plainReasons(challenge.reasons).map((words) => (
        <p key={words}>{words}</p>
      ))}
      {notice && notice.kind === "replaced" ? (
        <Notice tone="danger">{noticeWords(notice, null, others.length > 0)}</Notice>
      ) : null}
      {view === "prove" && current ? (
        <Prove
          key={current.factor}
          option={current}
          verb={prompt.verb}
          notice={isOfAnother(notice, current, factors) ? null : notice}
          othersOffered={others.length > 0}
          startNow={startNow}
          token={challenge.token}
          receivedAt={receivedAt}
          sendCode={actions.sendCode}
          onAnswer={onAnswer}
        />
      ) : null}
      {view === "prove" && !current ? <p>None of your methods can be used at the moment.</p> : null}
      {view === "choose" ? (
        <ul className="flex flex-col gap-2" aria-label="Other methods">
          {others.map((one) => (
            <li key={one.factor}>
              <Button className="w-full" onClick={() => choose(one.factor)}>
                Use {yourFactor(one.factor)}
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
      {view === "stuck" ? (
        <Stuck challenge={challenge} askForHelp={actions.askForHelp} onRecover={() => void recover()} />
      ) : null}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
        {view === "prove" && others.length > 0 ? (
          <Button variant="quiet" className="px-0" onClick={() => setView("choose")}>
            Use another method
          </Button>
        ) : null}
        {view === "prove" ? (
          <Button variant="quiet" className="px-0" onClick={() => setView("stuck")}>
            I can't use any of these
          </Button>
        ) : (
          <Button variant="quiet" className="px-0" onClick={() => setView("prove")}>
            Back
          </Button>
        )}
      </div>
      {codesAt ? (
        <p className="text-sm text-ink-soft">
          This is a demo:{" "}
          <a href={codesAt} target="_blank" rel="noopener" className="text-ink underline underline-offset-4">
            the current codes
          </a>
        </p>
      ) : null}
      <details className="text-sm">
        <summary className="w-fit py-1 text-ink-soft underline decoration-line-strong underline-offset-4">
          Why am I asked?
        </summary>
        <ul className="mt-1 list-disc space-y-1 pl-5">
          {challenge.reasons.map((reason) => (
            <li key={reasonWords(reason)}>{reasonWords(reason)}</li>
          ))}
        </ul>
      </details>
      <Button onClick={onCancel}>Cancel</Button>
    </Dialog>
  );
}

/** What was wrong with another method's answer, where the person has left that method: it is no news here. */
function isOfAnother(notice: PromptNotice | null, { factor }: FactorOption, all: FactorOption[]): boolean {
  if (notice?.kind !== "rejected" || notice.factor === factor) return false;
  return all.some((one) => one.factor === notice.factor);
}

type ProveProps = {
  option: FactorOption;
  verb: string;
  notice: PromptNotice | null;
  othersOffered: boolean;
  startNow: boolean;
  token: string;
  receivedAt: number;
  sendCode: SessionActions["sendCode"];
  onAnswer(answer: Answer | null): Promise<void>;
};

/** One prompt a factor: where a new factor gets its own. */
function Prove({ option, ...rest }: ProveProps) {
  switch (option.factor) {
    case "passkey":
      return <PasskeyPrompt options={option.options} {...rest} />;
    case "totp":
      return <CodePrompt factor="totp" label="Authentication code" {...rest} />;
    case "sms-code":
    case "email-code":
      return <SentCodePrompt factor={option.factor} options={option.options} {...rest} />;
    case "recovery-code":
      return <PasswordPrompt factor="recovery-code" label="Recovery code" {...rest} />;
    case "password":
      return <PasswordPrompt factor="password" label="Password" {...rest} />;
  }
}
