"use client";

import Link from "next/link";
import { useId, useState } from "react";
import { useAct } from "@/components/security/use-act";
import { Button } from "@/components/ui/button";
import { EmailAddress } from "@/components/ui/email-address";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { When } from "@/components/ui/when";
import { actionInWords } from "@/lib/audit/action-words";
import type { OpenHelpRequest } from "@/lib/people/read-people";
import type { Action } from "@/lib/step-up/action-result";

type Props = { requests: OpenHelpRequest[]; answer: Action<null> };

/** Who could use none of their factors and waits for an administrator. */
export function HelpRequests({ requests, answer }: Props) {
  const { act, busy, message } = useAct(answer);
  // Which one is being resolved: the others don't spin along.
  const [busyId, setBusyId] = useState<string | null>(null);
  return (
    <Panel title="Requests for help" count={requests.length}>
      {message ? (
        <Notice tone="danger" className="mb-3">
          {message}
        </Notice>
      ) : null}
      {requests.length === 0 ? <p className="text-ink-soft">No open requests.</p> : null}
      <ul className="flex flex-col divide-y divide-line">
        {requests.map((one) => (
          <Request
            key={one.id}
            one={one}
            busy={busy && busyId === one.id}
            onDone={() => {
              setBusyId(one.id);
              void act({ requestId: one.id }, `${one.name}'s request is resolved`);
            }}
          />
        ))}
      </ul>
    </Panel>
  );
}

function Request({ one, busy, onDone }: { one: OpenHelpRequest; busy: boolean; onDone(): void }) {
  const about = useId();
  const { personId, name, email, action, createdAt } = one;
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2.5 first:pt-0 last:pb-0">
      <span id={about} className="min-w-0">
        <Link
          href={`/admin/users/${personId}`}
          prefetch={false}
          className="inline-flex min-h-6 items-center font-medium underline-offset-4 hover:underline"
        >
          {name}
        </Link>{" "}
        (<EmailAddress>{email}</EmailAddress>) can't confirm: wanted to {actionInWords(action)}
        <span className="block text-ink-soft text-sm">
          <When at={createdAt} />
        </span>
      </span>
      <Button size="small" aria-describedby={about} pending={busy} onClick={onDone}>
        Mark as resolved
      </Button>
    </li>
  );
}
