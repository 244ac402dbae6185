"use client";

import { useCallback, useEffect, useRef } from "react";

/** What tabs of one browser tell one another. It carries no permission: every tab asks the server. */
export type SessionNews =
  | { kind: "unlocked" }
  | { kind: "locking"; lockEpoch: number }
  | { kind: "locked" }
  | { kind: "signed-out" };

/** Listens to the other tabs of this person and returns the way to tell them. */
export function useSessionNews(
  personId: string,
  hear: (news: SessionNews) => void,
): (news: SessionNews) => void {
  const listener = useRef(hear);
  const channel = useRef<BroadcastChannel | null>(null);
  useEffect(() => {
    listener.current = hear;
  });
  useEffect(() => {
    const open = new BroadcastChannel(`keyturn:${personId}`);
    open.onmessage = (event: MessageEvent<SessionNews>) => listener.current(event.data);
    channel.current = open;
    return () => {
      channel.current = null;
      open.close();
    };
  }, [personId]);
  return useCallback((news) => channel.current?.postMessage(news), []);
}
