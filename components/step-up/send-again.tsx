"use client";

import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { SendRefusal } from "@/lib/step-up/factors/sent-code/limits";
import { span } from "@/lib/step-up/span";
import { useSecondsLeft } from "./use-seconds-left";
import { limitWords } from "./words";

type Props = { inSeconds: number; since?: number; busy: boolean; onSend(): void };

/** Another code, once the wait is over: the countdown is for eyes, a screen reader hears the button's state alone. */
export function SendAgain({ inSeconds, since, busy, onSend }: Props) {
  const left = useSecondsLeft(inSeconds, inSeconds, since) ?? 0;
  return (
    <p className="flex min-h-8 items-center text-sm">
      {left > 0 ? (
        <span className="text-ink-soft">
          No message? You can send another one <Countdown seconds={left} />.
        </span>
      ) : (
        <Button variant="quiet" className="px-0" pending={busy} onClick={onSend}>
          Send again
        </Button>
      )}
    </p>
  );
}

/** The first code for this, while the session waits because of another. */
export function SendLater({ seconds }: { seconds: number }) {
  return (
    <p className="text-ink-soft text-sm">
      You had a code sent a moment ago. You can send the next one <Countdown seconds={seconds} />.
    </p>
  );
}

/** A send that was refused, until it may be tried again: an alert is read out once, with the whole wait. */
export function Limit({ refusal, others = false }: { refusal: SendRefusal; others?: boolean }) {
  const { retryAfterSeconds } = refusal;
  const left = useSecondsLeft(retryAfterSeconds, refusal) ?? 0;
  if (left === 0) return null;
  return (
    <Notice tone="danger">
      {limitWords(refusal)} Try again <Countdown seconds={left} spoken={`in ${span(retryAfterSeconds)}`} />
      {others ? ", or use another method." : "."}
    </Notice>
  );
}

/** `spoken`: what a screen reader hears instead, which never changes. */
function Countdown({ seconds, spoken = "in a moment" }: { seconds: number; spoken?: string }) {
  return (
    <>
      <span aria-hidden>in {span(seconds)}</span>
      <span className="sr-only">{spoken}</span>
    </>
  );
}
