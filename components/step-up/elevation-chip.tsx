"use client";

import { LockOpen } from "lucide-react";
import { useEffect, useState } from "react";
import { UnlockedChip } from "@/components/ui/chip";
import { Countdown } from "@/components/ui/countdown";
import { useStepUpContext } from "./step-up-provider";

/** Shows that daily work is unlocked, for how long, and locks it. Readers hear it begin and, once, near its end. */
export function ElevationChip() {
  const { session, lockEpoch, lock, msUntil } = useStepUpContext();
  const { unlockedUntil } = session;
  const [left, setLeft] = useState<number | null>(null);
  const [pending, setPending] = useState(false);

  useEffect(() => {
    if (unlockedUntil === null) return setLeft(null);
    const tick = () => setLeft(Math.max(0, Math.ceil(msUntil(unlockedUntil) / 1000)));
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [unlockedUntil, msUntil]);

  if (unlockedUntil === null || left === null || left === 0 || session.lockEpoch < lockEpoch) return null;
  const onAction = async () => {
    setPending(true);
    await lock();
    setPending(false);
  };
  return (
    <UnlockedChip icon={LockOpen} action={{ label: "Lock now", onAction: () => void onAction(), pending }}>
      Unlocked <span className="max-sm:sr-only">for </span>
      <Countdown seconds={left} />
    </UnlockedChip>
  );
}
