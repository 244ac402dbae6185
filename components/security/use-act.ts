"use client";

import { useRouter } from "next/navigation";
import { useCallback, useState } from "react";
import type { Outcome } from "@/components/step-up/call";
import { outcomeWords } from "@/components/step-up/outcome-words";
import { useStepUp } from "@/components/step-up/use-step-up";
import { useToast } from "@/components/ui/toast";
import type { Action } from "@/lib/step-up/action-result";

/** What a toast says once it is done; null: nothing, since what was done is told elsewhere. */
type Said<Data> = string | ((data: Data) => string | null);

/**
 * One act of a page: runs it, says what went wrong in place, and on success shows a toast and the new state. `fields`:
 * whose errors the form draws itself, from the outcome that it gets back; those of others are said like any fault.
 */
export function useAct<Data>(action: Action<Data>, ...fields: string[]) {
  const router = useRouter();
  const toast = useToast();
  const run = useStepUp(action);
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const drawn = fields.join(" ");
  const act = useCallback(
    async (input: unknown, said: Said<Data>): Promise<Outcome<Data>> => {
      setBusy(true);
      setMessage(null);
      const outcome = await run(input);
      setBusy(false);
      setMessage(faultOf(outcome, drawn.split(" ")));
      if (outcome.status === "done") {
        const words = typeof said === "string" ? said : said(outcome.data);
        if (words !== null) toast(words);
        router.refresh();
      }
      return outcome;
    },
    [run, router, toast, drawn],
  );
  return { act, busy, message };
}

/** null where there is none, or the form says it at its field. */
function faultOf(outcome: Outcome<unknown>, drawn: string[]): string | null {
  const errors = outcome.status === "invalid" ? Object.entries(outcome.fields) : [];
  if (errors.length === 0) return outcomeWords(outcome);
  const other = errors.find(([field]) => !drawn.includes(field));
  return other ? other[1] : null;
}
