"use client";

import { type ChangeEvent, useId, useState } from "react";
import { outcomeWords } from "@/components/step-up/outcome-words";
import { useStepUp } from "@/components/step-up/use-step-up";
import { buttonLook } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { Preview } from "@/lib/policy/change-policy";
import type { PolicyDocument } from "@/lib/policy/document";
import type { CurrentPolicy } from "@/lib/policy/versions";
import type { Action } from "@/lib/step-up/action-result";

type Props = {
  current: CurrentPolicy;
  preview: Action<Preview>;
  onImport(document: PolicyDocument, fileName: string): void;
};

/** A policy has a few kilobytes; what is larger is another file. */
const largestBytes = 256 * 1024;

/** The policy as a file: for another installation, or for a look at it among colleagues. */
export function PolicyFile({ current, preview, onImport }: Props) {
  const input = useId();
  const look = useStepUp(preview);
  const [message, setMessage] = useState<string | null>(null);

  const read = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    event.target.value = "";
    setMessage(null);
    if (!file) return;
    const document = file.size <= largestBytes ? parsed(await file.text()) : null;
    if (!document) return setMessage(`${file.name} isn't a policy file.`);
    // The server reads it as strictly as a draft: what it doesn't know, it refuses.
    const outcome = await look({ document });
    if (outcome.status === "done") return onImport(outcome.data.document, file.name);
    setMessage(
      outcome.status === "invalid" && Object.keys(outcome.fields).length > 0
        ? `${file.name} isn't a policy of this version of Keyturn.`
        : outcomeWords(outcome),
    );
  };
  const text = `${JSON.stringify(current.document, null, 2)}\n`;
  return (
    <>
      {message ? <Notice tone="danger">{message}</Notice> : null}
      <label htmlFor={input} className={`${buttonLook({})} cursor-pointer has-focus-visible:outline-2`}>
        Import a file
        <input
          id={input}
          type="file"
          accept="application/json,.json"
          onChange={(event) => void read(event)}
          className="sr-only"
        />
      </label>
      <a
        download={`keyturn-policy-${current.version}.json`}
        href={`data:application/json;charset=utf-8,${encodeURIComponent(text)}`}
        className={buttonLook({})}
      >
        Export
      </a>
    </>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
