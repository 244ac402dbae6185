"use client";

import { useCallback } from "react";
import type { Action } from "@/lib/step-up/action-result";
import type { Outcome } from "./call";
import { useStepUpContext } from "./step-up-provider";

/**
 * Calls a protected action. Where it demands a proof, the dialog asks, and the same call goes on with the same
 * arguments; the promise resolves once, with the result or `cancelled`. Call it from onClick or onSubmit with
 * preventDefault, never inside startTransition, useActionState or <form action>: there the dialog does not render.
 */
export function useStepUp<Data>(action: Action<Data>): (input: unknown) => Promise<Outcome<Data>> {
  const { perform } = useStepUpContext();
  return useCallback((input) => perform(action, input), [perform, action]);
}
