import { useEffect, useRef, useState } from "react";
import type { Delivery } from "@/lib/step-up/factors/sent-code/sent-code";

/** Later each time: what is not told in two minutes is not told at all. */
const firstLookMilliseconds = 3_000;

/** Whether more may become known: of a mail, nothing once it was handed over. */
export function isSettling(delivery: Delivery, factor: "email-code" | "sms-code"): boolean {
  if (delivery === "sent") return factor === "sms-code";
  return delivery === "waiting" || delivery === "delayed";
}

/** Looks after a message that is on its way, while `active`. Returns how to begin anew, for another message. */
export function useLookAfter(active: boolean, look: () => void): () => void {
  const [looks, setLooks] = useState(0);
  // A countdown beside it renders every second: that must not put the next look off.
  const latest = useRef(look);
  useEffect(() => {
    latest.current = look;
  });
  useEffect(() => {
    if (!active) return;
    const timer = setTimeout(
      () => {
        setLooks(looks + 1);
        latest.current();
      },
      firstLookMilliseconds * (1 + looks),
    );
    return () => clearTimeout(timer);
  }, [active, looks]);
  return () => setLooks(0);
}
