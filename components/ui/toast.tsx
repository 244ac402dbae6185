"use client";

import { Toast } from "@base-ui/react/toast";
import { CircleCheck, X } from "lucide-react";
import { type ReactNode, useCallback } from "react";

/** Short good news that needs no answer; announced politely, and gone after some seconds. F6 leads to it. */
export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider timeout={6000}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="fixed right-5 bottom-5 z-50 flex w-88 flex-col gap-2 outline-none max-sm:inset-x-3 max-sm:bottom-[calc(0.75rem+env(safe-area-inset-bottom))] max-sm:w-auto">
          <Toasts />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

/** Shows a toast. */
export function useToast(): (text: string) => void {
  const { add } = Toast.useToastManager();
  return useCallback((text) => void add({ title: text }), [add]);
}

function Toasts() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className="flex animate-rise items-center gap-2.5 rounded-lg border border-line bg-raised py-1.5 pr-1.5 pl-3.5 text-ink shadow-float transition-opacity data-ending-style:opacity-0"
    >
      <CircleCheck aria-hidden className="size-4.5 shrink-0 text-open" />
      <Toast.Title className="min-w-0 flex-1 break-words font-medium" />
      <Toast.Close
        aria-label="Close"
        className="inline-flex size-8 shrink-0 items-center justify-center rounded-md text-ink-soft hover:bg-sunken hover:text-ink pointer-coarse:size-11"
      >
        <X aria-hidden className="size-4" />
      </Toast.Close>
    </Toast.Root>
  ));
}
