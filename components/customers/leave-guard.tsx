"use client";

import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";

type Props = { dirty: boolean; asking: boolean; onStay(): void; onLeave(): void };

/** Asks before unsaved changes are left: by Cancel, by a link, by Back, by closing the tab. */
export function LeaveGuard({ dirty, asking, onStay, onLeave }: Props) {
  const router = useRouter();
  const [target, setTarget] = useState<(() => void) | null>(null);

  useEffect(() => {
    if (!dirty) return;
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    const onClick = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
      if (
        !(link instanceof HTMLAnchorElement) ||
        link.target === "_blank" ||
        event.defaultPrevented ||
        event.metaKey ||
        event.ctrlKey
      )
        return;
      if (link.origin !== window.location.origin || isThisPage(link)) return;
      event.preventDefault();
      event.stopPropagation();
      const path = link.pathname + link.search;
      setTarget(() => () => router.push(path));
    };
    const onTraverse = (event: NavigateEvent) => {
      if (event.navigationType !== "traverse" || !event.cancelable) return;
      if (isThisPage(new URL(event.destination.url))) return;
      event.preventDefault();
      const { key } = event.destination;
      setTarget(() => () => void window.navigation?.traverseTo(key));
    };
    window.addEventListener("beforeunload", onUnload);
    document.addEventListener("click", onClick, true);
    window.navigation?.addEventListener("navigate", onTraverse);
    return () => {
      window.removeEventListener("beforeunload", onUnload);
      document.removeEventListener("click", onClick, true);
      window.navigation?.removeEventListener("navigate", onTraverse);
    };
  }, [dirty, router]);

  if (!asking && !target) return null;
  const stay = () => {
    setTarget(null);
    onStay();
  };
  const leave = () => {
    const go = target;
    setTarget(null);
    onLeave();
    // The form is gone after the next frame, and with it this guard.
    if (go) requestAnimationFrame(() => requestAnimationFrame(go));
  };
  return (
    <Dialog
      title="Leave without saving?"
      description={<p>Your changes are lost when you leave.</p>}
      onCancel={stay}
    >
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" onClick={stay}>
          Keep editing
        </Button>
        <Button variant="danger" onClick={leave}>
          Discard changes
        </Button>
      </div>
    </Dialog>
  );
}

/** Another part of the page, or of what stands beside the form: the form stays, and what was typed. */
function isThisPage({ pathname }: { pathname: string }): boolean {
  return pathname === window.location.pathname;
}
