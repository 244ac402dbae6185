"use client";

import { useEffect, useState } from "react";
import { useStepUpContext } from "./step-up-provider";

/** Shows that daily work is unlocked, for how long, and locks it. Readers hear it begin and, once, near its end. */
export function ElevationChip() {
  const { session, lockEpoch, lock, msUntil } = useStepUpContext();
  const { unlockedUntil } = session;
  const [left, setLeft] = useState<number | null>(null);

  useEffect(() => {
    if (unlockedUntil === null) return setLeft(null);
    const tick = () => setLeft(Math.max(0, Math.ceil(msUntil(unlockedUntil) / 1000)));
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [unlockedUntil, msUntil]);

  if (unlockedUntil === null || left === null || left === 0 || session.lockEpoch < lockEpoch) return null;
  const spoken = left <= 60 ? "Unlocked for less than a minute" : "Unlocked";
  return (
    <div className="flex items-center gap-2 rounded-full bg-open-soft py-0.5 pr-1 pl-3 text-open text-sm">
      <p role="status" className="whitespace-nowrap">
        <span className="sr-only">{spoken}</span>
        <span aria-hidden>
          Unlocked <span className="max-sm:hidden">for </span>
          {Math.floor(left / 60)}:{String(left % 60).padStart(2, "0")}
        </span>
      </p>
      <button
        type="button"
        onClick={() => void lock()}
        className="min-h-7 rounded-full border border-open px-2.5 font-medium whitespace-nowrap hover:bg-open hover:text-open-soft max-sm:min-h-9"
      >
        Lock now
      </button>
    </div>
  );
}
