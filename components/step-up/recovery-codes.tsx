"use client";

import { Button, buttonLook } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";

/** The recovery codes, shown this once. */
export function RecoveryCodes({ codes, onSaved }: { codes: string[]; onSaved(): void }) {
  const text = `${codes.join("\n")}\n`;
  return (
    <div className="flex flex-col gap-3">
      <p>
        Keep these recovery codes where you find them without your phone. Each one lets you set up a new
        authenticator once. They are not shown again.
      </p>
      <ul
        aria-label="Recovery codes"
        className="grid grid-cols-2 gap-x-4 gap-y-1 rounded-md border border-line bg-sunken p-3 font-mono text-sm max-[26rem]:grid-cols-1"
      >
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        <CopyButton text={text} label="Copy" />
        <a
          download="keyturn-recovery-codes.txt"
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`}
          className={buttonLook({})}
        >
          Download
        </a>
        <Button onClick={() => window.print()}>Print</Button>
      </div>
      <Button variant="primary" onClick={onSaved}>
        I saved them
      </Button>
    </div>
  );
}
