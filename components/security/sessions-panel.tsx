"use client";

import { Button } from "@/components/ui/button";
import { Badge, Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { When } from "@/components/ui/when";
import type { OwnSession } from "@/lib/security/read";
import type { SecurityActions } from "./security-actions";
import { useAct } from "./use-act";

type Props = { sessions: OwnSession[]; current: string; end: SecurityActions["endSessions"] };

/** Where this person is signed in, and signing out there. */
export function SessionsPanel({ sessions, current, end }: Props) {
  const { act, busy, message } = useAct(end);
  const others = sessions.filter(({ id }) => id !== current).length;
  return (
    <Panel
      title="Sessions"
      count={sessions.length}
      action={
        others > 0 ? (
          <Button pending={busy} onClick={() => void act({ which: "others" }, "Signed out everywhere else")}>
            Sign out other sessions
          </Button>
        ) : null
      }
    >
      {message ? (
        <Notice tone="danger" className="mb-3">
          {message}
        </Notice>
      ) : null}
      <ul aria-label="Sessions" className="flex flex-col divide-y divide-line">
        {sessions.map((one) => (
          <li
            key={one.id}
            className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0"
          >
            <div className="min-w-0">
              <p className="flex flex-wrap items-center gap-x-2 font-medium">
                {one.device} {one.id === current ? <Badge tone="open">this session</Badge> : null}
                {one.isHeld ? <Badge tone="warn">not confirmed yet</Badge> : null}
              </p>
              <p className="text-ink-soft text-sm">
                From {one.address || "an unknown address"}, since <When at={one.createdAt} />, last seen{" "}
                <When at={one.lastSeenAt} />
              </p>
            </div>
            {one.id === current ? null : (
              <Button
                size="small"
                aria-label={`Sign out ${one.device}`}
                onClick={() => void act({ which: one.id }, `Signed out in ${one.device}`)}
              >
                Sign out
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
