"use client";

import { useRouter } from "next/navigation";
import { useCallback, useState } from "react";
import type { Outcome } from "@/components/step-up/call";
import { outcomeWords } from "@/components/step-up/outcome-words";
import { useStepUp } from "@/components/step-up/use-step-up";
import { useToast } from "@/components/ui/toast";
import type { Action } from "@/lib/step-up/action-result";

/**
 * One act of a page: runs it, says what went wrong in place, and on success shows a toast and the new state. Field
 * errors are the form's: it gets the outcome back.
 */
export function useAct<Data>(action: Action<Data>) {
  const router = useRouter();
  const toast = useToast();
  const run = useStepUp(action);
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const act = useCallback(
    async (input: unknown, said: string): Promise<Outcome<Data>> => {
      setBusy(true);
      setMessage(null);
      const outcome = await run(input);
      setBusy(false);
      const inFields = outcome.status === "invalid" && Object.keys(outcome.fields).length > 0;
      setMessage(inFields ? null : outcomeWords(outcome));
      if (outcome.status === "done") {
        toast(said);
        router.refresh();
      }
      return outcome;
    },
    [run, router, toast],
  );
  return { act, busy, message };
}
