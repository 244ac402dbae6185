"use client";

import { useId, useState } from "react";
import { useAct } from "@/components/security/use-act";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { When } from "@/components/ui/when";
import type { PersonDetails, PersonSession } from "@/lib/people/read-person";
import type { PersonActions } from "./person-view";

type Props = { person: PersonDetails; own: boolean; end: PersonActions["endSessions"] };

/** Where the person is signed in, and signing them out there. */
export function PersonSessions({ person, own, end }: Props) {
  const { act, busy, message } = useAct(end);
  // Which one is being ended: the others don't spin along.
  const [ending, setEnding] = useState<string | null>(null);
  const signOut = (which: string) => {
    setEnding(which);
    void act({ personId: person.id, which }, "Signed out");
  };
  return (
    <Panel
      title="Sessions"
      count={person.sessions.length}
      action={
        !own && person.sessions.length + person.trustedDevices > 0 ? (
          <Button pending={busy && ending === "all"} onClick={() => signOut("all")}>
            Sign out everywhere
          </Button>
        ) : null
      }
    >
      {message ? (
        <Notice tone="danger" className="mb-3">
          {message}
        </Notice>
      ) : null}
      {person.sessions.length === 0 ? <p className="text-ink-soft">Not signed in.</p> : null}
      {person.trustedDevices > 0 ? (
        <p className="mb-3 text-ink-soft">
          {person.trustedDevices === 1 ? "One trusted device" : `${person.trustedDevices} trusted devices`}:
          sign-in asks for no second factor there.{own ? "" : " Signing out everywhere ends that, too."}
        </p>
      ) : null}
      <ul aria-label="Sessions" className="flex flex-col divide-y divide-line">
        {person.sessions.map((one) => (
          <Session
            key={one.id}
            one={one}
            busy={busy && ending === one.id}
            {...(own ? {} : { onEnd: () => signOut(one.id) })}
          />
        ))}
      </ul>
    </Panel>
  );
}

function Session({ one, busy, onEnd }: { one: PersonSession; busy: boolean; onEnd?: () => void }) {
  const about = useId();
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2.5 first:pt-0 last:pb-0">
      <div id={about} className="min-w-0">
        <p className="font-medium">{one.device}</p>
        <p className="text-ink-soft text-sm">
          {one.address}, last used <When at={one.lastSeenAt} />
        </p>
      </div>
      {onEnd ? (
        <Button
          size="small"
          aria-label={`Sign out ${one.device}`}
          aria-describedby={about}
          pending={busy}
          onClick={onEnd}
        >
          Sign out
        </Button>
      ) : null}
    </li>
  );
}
