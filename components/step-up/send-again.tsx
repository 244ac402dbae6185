"use client";

import { Button } from "@/components/ui/button";
import { useSecondsLeft } from "./use-seconds-left";

type Props = { inSeconds: number; busy: boolean; onSend(): void };

/** Another code, once the wait is over: the countdown is for eyes, a screen reader hears the button's state alone. */
export function SendAgain({ inSeconds, busy, onSend }: Props) {
  const left = useSecondsLeft(inSeconds, inSeconds) ?? 0;
  return (
    <p className="flex min-h-8 items-center text-sm">
      {left > 0 ? (
        <span className="text-ink-soft">
          No message? You can send another one <span aria-hidden>in {left} s</span>
          <span className="sr-only">in a moment</span>.
        </span>
      ) : (
        <Button variant="quiet" className="px-0" pending={busy} onClick={onSend}>
          Send again
        </Button>
      )}
    </p>
  );
}
