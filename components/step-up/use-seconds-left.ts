"use client";

import { useEffect, useState } from "react";

/**
 * Counts down from `seconds`, anew for every `key`; null stays null. `since`: when they were told, by this browser's
 * clock, where that was before the component was there.
 */
export function useSecondsLeft(seconds: number | null, key: unknown, since?: number): number | null {
  const [left, setLeft] = useState(() =>
    seconds === null || since === undefined ? seconds : secondsUntil(since + seconds * 1000),
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new key starts the same count again.
  useEffect(() => {
    if (seconds === null) return setLeft(null);
    const end = (since ?? Date.now()) + seconds * 1000;
    setLeft(secondsUntil(end));
    const timer = setInterval(() => {
      const now = secondsUntil(end);
      setLeft(now);
      if (now === 0) clearInterval(timer);
    }, 250);
    return () => clearInterval(timer);
  }, [seconds, key, since]);
  return left;
}

function secondsUntil(end: number): number {
  return Math.max(0, Math.ceil((end - Date.now()) / 1000));
}
