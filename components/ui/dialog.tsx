"use client";

import { Dialog as Base } from "@base-ui/react/dialog";
import { type ReactNode, type RefObject, useEffect, useState } from "react";
import { classNames } from "./class-names";

type Props = {
  title: string;
  description?: ReactNode;
  /** Escape and the Cancel button. A click on the backdrop does nothing: what was typed stays. */
  onCancel(): void;
  initialFocus?: RefObject<HTMLElement | null>;
  children: ReactNode;
};

/** A modal dialog, open while it is rendered: labelled, focus kept inside and given back; a sheet on phones. */
export function Dialog({ title, description, onCancel, initialFocus, children }: Props) {
  useFocusBack();
  return (
    <Base.Root
      open
      disablePointerDismissal
      onOpenChange={(open, details) => {
        if (!open && details.reason === "escape-key") onCancel();
      }}
    >
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 animate-fade bg-(--backdrop)" />
        <Base.Popup
          {...(initialFocus ? { initialFocus } : {})}
          className={classNames(
            "fixed z-50 flex max-h-[92dvh] flex-col gap-4 overflow-y-auto overscroll-contain border border-transparent bg-raised p-5 text-ink shadow-modal outline-none sm:p-6",
            "max-sm:inset-x-0 max-sm:bottom-0 max-sm:animate-sheet max-sm:rounded-t-2xl max-sm:pb-[calc(1.25rem+env(safe-area-inset-bottom))]",
            "sm:top-1/2 sm:left-1/2 sm:max-w-[calc(100vw-3rem)] sm:-translate-x-1/2 sm:-translate-y-1/2 sm:animate-rise sm:rounded-xl sm:border-line",
            "sm:w-[27rem]",
          )}
        >
          <div className="flex flex-col gap-1">
            <Base.Title className="font-semibold text-xl">{title}</Base.Title>
            {description ? (
              <Base.Description render={<div />} className="break-words text-ink-soft">
                {description}
              </Base.Description>
            ) : null}
          </div>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** Gives the focus back to what had it before the dialog, unless something else has taken it since. */
function useFocusBack() {
  const [before] = useState(() => (typeof document === "undefined" ? null : document.activeElement));
  useEffect(
    () => () => {
      requestAnimationFrame(() => {
        const lost = document.activeElement === null || document.activeElement === document.body;
        if (lost && before instanceof HTMLElement && before.isConnected) before.focus();
      });
    },
    [before],
  );
}
