import { useEffect, useRef } from "react";
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
  const looks = useRef(0);
  useEffect(() => {
    if (!active) return;
    const timer = setTimeout(
      () => {
        looks.current += 1;
        look();
      },
      firstLookMilliseconds * (1 + looks.current),
    );
    return () => clearTimeout(timer);
  });
  return () => {
    looks.current = 0;
  };
}
