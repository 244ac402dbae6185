"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import type { PublicAction, PublicResult } from "@/lib/public-command";

/** One act of somebody who isn't signed in. Field errors are the form's; the rest is said in `message`. */
export function usePublicAct<Data>(action: PublicAction<Data>) {
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  // An answer that sets the cookie brings the page anew, and with it other references of the same actions: what is done
  // once a token must not be done again for that.
  const latest = useRef(action);
  useEffect(() => {
    latest.current = action;
  });
  const act = useCallback(async (input: unknown): Promise<PublicResult<Data> | null> => {
    setBusy(true);
    setMessage(null);
    const result = await latest.current(input).catch(() => null);
    setBusy(false);
    const fields = result?.status === "invalid" ? result.fields : {};
    setMessage(Object.keys(fields).length > 0 ? (fields.form ?? null) : publicWords(result));
    return result;
  }, []);
  return { act, busy, message };
}

function publicWords(result: PublicResult<unknown> | null): string | null {
  switch (result?.status) {
    case "done":
      return null;
    case "invalid":
    case "forbidden":
      return result.message;
    case "failed":
      return `Something went wrong on our side, and nothing was changed. Try again; if it stays, tell an administrator this number: ${result.reference}.`;
    case undefined:
      return "Keyturn could not be reached. Try again in a moment.";
  }
}
