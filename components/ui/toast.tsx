"use client";

import { Toast } from "@base-ui/react/toast";
import { type ReactNode, useCallback } from "react";

/** Short good news that needs no answer; announced politely, and gone after some seconds. */
export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider timeout={6000}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-4 z-50 flex w-80 max-w-[calc(100vw-2rem)] flex-col gap-2">
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
    <Toast.Root key={toast.id} toast={toast} className="flex items-center justify-between gap-3 rounded-lg border border-line bg-raised px-4 py-3 text-ink shadow-lg">
      <Toast.Title className="font-medium" />
      <Toast.Close aria-label="Close" className="min-h-6 min-w-6 rounded text-ink-soft hover:text-ink">
        ×
      </Toast.Close>
    </Toast.Root>
  ));
}
