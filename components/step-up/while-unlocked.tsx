"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useStepUpContext } from "./step-up-provider";

/**
 * Shows sensitive content until its time is up, a lock or a sign-out in any tab, or the page is left: the router's
 * cache and the browser's back-forward cache would show it again without asking anybody. Then asks the server.
 * `until` is in the server's clock, `lockEpoch` the one that the content was rendered under.
 */
export function WhileUnlocked({
  until,
  lockEpoch,
  children,
}: {
  until: number;
  lockEpoch: number;
  children: ReactNode;
}) {
  const stepUp = useStepUpContext();
  const router = useRouter();
  const content = useRef<HTMLDivElement>(null);
  const [expired, setExpired] = useState(() => stepUp.hydrated && stepUp.msUntil(until) <= 0);
  const visible = !expired && !stepUp.gone && stepUp.lockEpoch <= lockEpoch;

  useEffect(() => {
    const left = stepUp.msUntil(until);
    setExpired(left <= 0);
    if (left <= 0) return;
    const timer = setTimeout(() => setExpired(true), left);
    return () => clearTimeout(timer);
  }, [stepUp, until]);

  useEffect(() => {
    if (!visible) router.refresh();
  }, [visible, router]);

  useEffect(() => {
    // The snapshot that the browser keeps is taken right after this event: emptied by hand, not by a later render.
    const hide = () => content.current?.replaceChildren();
    window.addEventListener("pagehide", hide);
    return () => window.removeEventListener("pagehide", hide);
  }, []);

  return visible ? (
    <div ref={content}>{children}</div>
  ) : (
    <p role="status">Locked. Nothing more is shown here.</p>
  );
}
