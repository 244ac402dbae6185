"use client";

import { useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import type { EnrolmentOffer } from "@/lib/security/enrol";
import type { Reason } from "@/lib/step-up/decide";
import { factorWords } from "@/lib/step-up/factor-words";
import type { EnrolledFactor } from "@/lib/step-up/facts";
import type { Prompt } from "@/lib/step-up/prompt";
import { type Answer, Call, type PromptNotice } from "./call";
import type { Activated, EnrolmentActions } from "./enrolment-actions";
import { MailedCode } from "./mailed-code";
import { PasswordPrompt } from "./password-prompt";
import { RecoveryCodes } from "./recovery-codes";
import { SetUpApp } from "./set-up-app";
import { SetUpCodes } from "./set-up-codes";
import { setUpLabels } from "./set-up-labels";
import { SetUpPasskey } from "./set-up-passkey";
import { signalPasskey } from "./signal-passkey";
import { useStepUpContext } from "./step-up-provider";
import { plainReasons } from "./words";

export type Kind = EnrolledFactor;

type Props = {
  /** What the person was doing, and will finish afterwards. */
  prompt?: Prompt;
  /** The account never had a second factor: the password vouches. */
  first: boolean;
  /** What vouches for the new authenticator; `offer`: it has been vouched for already. */
  by?: "password" | "recovery-code";
  offer?: EnrolmentOffer;
  /** Where something is there that is not enough: why, and what could pay for another one. */
  reasons?: Reason[];
  recoveryCodesLeft?: number;
  kind?: Kind;
  actions: EnrolmentActions;
  onDone(): void;
  onCancel(): void;
};

/** Sets up a second factor: what vouches for it, which kind, the ceremony, the recovery codes. */
export function EnrolmentDialog({
  prompt,
  first,
  by: vouchedBy = "password",
  reasons = [],
  recoveryCodesLeft = 0,
  kind: given,
  actions,
  onDone,
  onCancel,
  ...rest
}: Props) {
  const { session } = useStepUpContext();
  const [by, setBy] = useState(vouchedBy);
  const [offer, setOffer] = useState(rest.offer ?? null);
  const [kind, setKind] = useState<Kind | null>(given ?? null);
  const [mailed, setMailed] = useState(false);
  /** Which one was lost; undefined: not said yet. */
  const [replaces, setReplaces] = useState<string | null | undefined>(
    session.authenticators.length > 0 && !first && !rest.offer ? undefined : null,
  );
  const [activated, setActivated] = useState<Activated | null>(null);
  const [notice, setNotice] = useState<PromptNotice | null>(null);
  const [message, setMessage] = useState<string | null>(null);
  const call = useRef<Call<EnrolmentOffer> | null>(null);

  /** Two trips: the first opens the challenge for exactly this, the second answers it. */
  const vouch = async (answer: Answer) => {
    setMessage(null);
    if (!call.current) {
      const action = by === "password" ? actions.openFirstEnrolment : actions.openEnrolment;
      const input = by === "password" ? {} : { factor: kind ?? "totp", replaces: replaces ?? null };
      call.current = new Call(action, input, session.person.id);
      await call.current.start();
    }
    if (call.current.demand?.kind === "enrol") {
      call.current = null;
      return setMessage("Your account has no unused recovery code. Ask an administrator of Keyturn.");
    }
    const outcome = await call.current.prove(answer);
    if (outcome?.status === "done") return setOffer(outcome.data);
    if (outcome) {
      call.current = null;
      setNotice(null);
      setMessage(
        outcome.status === "forbidden" || outcome.status === "invalid"
          ? outcome.message
          : "This could not be started. Try again in a moment.",
      );
      return;
    }
    setNotice(call.current.demand?.kind === "prove" ? call.current.demand.notice : null);
  };
  const finish = (result: Activated) => {
    void signalPasskey(result.signal);
    if (result.recoveryCodes) setActivated(result);
    else onDone();
  };

  const lost = !first && by === "password" && !offer;
  const recovering = !offer && by === "recovery-code";
  const needsMail = offer !== null && offer.mailedTo !== null && !mailed;
  const ready = offer !== null && !needsMail && !activated ? offer : null;
  /** A recovery code is spent for what confirms everything. */
  const payable = session.settable.filter((one) => one === "passkey" || one === "totp");

  return (
    <Dialog
      title="Set up a second factor"
      onCancel={activated ? () => {} : onCancel}
      description={
        prompt ? (
          <p>You need one {prompt.purpose}. Then you go on where you were.</p>
        ) : (
          <p>It confirms that it is you when you do sensitive work.</p>
        )
      }
    >
      {message ? <Notice tone="danger">{message}</Notice> : null}
      {lost ? (
        <Lost
          reasons={reasons}
          codesLeft={recoveryCodesLeft}
          payable={payable}
          onRecover={() => setBy("recovery-code")}
        />
      ) : null}
      {recovering && !kind ? <ChooseKind kinds={payable} onChoose={setKind} /> : null}
      {recovering && kind && replaces === undefined ? (
        <ChooseLost authenticators={session.authenticators} onChoose={setReplaces} />
      ) : null}
      {!offer && !lost && (by === "password" || (kind && replaces !== undefined)) ? (
        <PasswordPrompt
          factor={by}
          label={by === "password" ? "Password" : "Recovery code"}
          verb="Continue"
          notice={notice}
          othersOffered={false}
          onAnswer={vouch}
        />
      ) : null}
      {needsMail ? (
        <MailedCode offer={offer} confirm={actions.confirmMailedCode} onDone={() => setMailed(true)} />
      ) : null}
      {ready && !kind ? <ChooseKind kinds={ready.kinds} onChoose={setKind} /> : null}
      {ready && kind === "totp" ? (
        <SetUpApp offer={ready} activate={actions.activateAuthenticatorApp} onDone={finish} />
      ) : null}
      {ready && kind === "passkey" ? (
        <SetUpPasskey offer={ready} activate={actions.activatePasskey} onDone={finish} />
      ) : null}
      {ready && (kind === "sms-code" || kind === "email-code") ? (
        <SetUpCodes factor={kind} offer={ready} actions={actions} onDone={finish} />
      ) : null}
      {activated?.recoveryCodes ? <RecoveryCodes codes={activated.recoveryCodes} onSaved={onDone} /> : null}
      {activated ? null : <Button onClick={onCancel}>Cancel</Button>}
    </Dialog>
  );
}

/** Something is there, or was, and it is not enough: what the person can do now. */
function Lost({
  reasons,
  codesLeft,
  payable,
  onRecover,
}: {
  reasons: Reason[];
  codesLeft: number;
  payable: readonly Kind[];
  onRecover(): void;
}) {
  const words = plainReasons(reasons);
  return (
    <div className="flex flex-col gap-3">
      {words.map((one) => (
        <p key={one}>{one}</p>
      ))}
      {codesLeft > 0 && payable.length > 0 ? (
        <>
          <p>
            One of your recovery codes lets you set up{" "}
            {payable.map((kind) => factorWords[kind].one).join(" or ")} now.
          </p>
          <Button variant="primary" onClick={onRecover}>
            Use a recovery code
          </Button>
        </>
      ) : (
        <p>
          Your account has had a second factor, so a password is not enough to add one. Ask an administrator
          of Keyturn in your company.
        </p>
      )}
    </div>
  );
}

/** The lost one goes in the same step: else it would still count as the account's strongest. */
function ChooseLost({
  authenticators,
  onChoose,
}: {
  authenticators: { id: string; name: string }[];
  onChoose(id: string | null): void;
}) {
  return (
    <div className="flex flex-col gap-2">
      <p>Which one did you lose? It stops working when the new one is set up.</p>
      {authenticators.map(({ id, name }) => (
        <Button key={id} onClick={() => onChoose(id)}>
          {name}
        </Button>
      ))}
      <Button variant="quiet" className="w-fit px-0" onClick={() => onChoose(null)}>
        None is lost: keep them all
      </Button>
    </div>
  );
}

const aboutKinds: Record<Kind, string> = {
  passkey:
    "Something you are or have: your fingerprint, face or screen lock, or a security key. The safest kind.",
  totp: "Something you have: an app on your phone that shows a six-digit code.",
  "sms-code":
    "Something you have: your phone number. For daily work only. NIST restricts it, since numbers can be taken over.",
  "email-code":
    "Something you have: your mailbox. For daily work only, and the weakest kind: NIST does not accept it.",
};

/** Only what may be set up: what is switched off would confirm nothing afterwards. */
function ChooseKind({ kinds, onChoose }: { kinds: readonly Kind[]; onChoose(kind: Kind): void }) {
  if (kinds.length === 0) return <p>Nothing can be set up at the moment. Ask an administrator of Keyturn.</p>;
  return (
    <div className="flex flex-col gap-3">
      {kinds.map((kind, index) => (
        <div key={kind} className="flex flex-col gap-1">
          <Button variant={index === 0 ? "primary" : "secondary"} onClick={() => onChoose(kind)}>
            {setUpLabels[kind]}
          </Button>
          <p className="text-ink-soft text-sm">{aboutKinds[kind]}</p>
        </div>
      ))}
    </div>
  );
}
