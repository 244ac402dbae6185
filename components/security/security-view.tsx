"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { outcomeWords } from "@/components/customers/outcome-words";
import type { EnrolmentActions } from "@/components/step-up/enrolment-actions";
import { EnrolmentDialog, type Kind } from "@/components/step-up/enrolment-dialog";
import { useStepUp } from "@/components/step-up/use-step-up";
import { Button } from "@/components/ui/button";
import { Badge, Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { useToast } from "@/components/ui/toast";
import { When } from "@/components/ui/when";
import type { EnrolmentOffer } from "@/lib/security/enrol";
import type { OwnAuthenticator } from "@/lib/security/read";

type Props = {
  authenticators: OwnAuthenticator[];
  /** The account never had a second factor. */
  first: boolean;
  recoveryCodesLeft: number;
  now: Date;
  actions: EnrolmentActions;
};

/** What can confirm that it is this person, and adding to it. */
export function SecurityView({ authenticators, first, recoveryCodesLeft, now, actions }: Props) {
  const router = useRouter();
  const toast = useToast();
  const openEnrolment = useStepUp(actions.openEnrolment);
  const [adding, setAdding] = useState<{ kind: Kind; offer: EnrolmentOffer | null } | null>(null);
  const [message, setMessage] = useState<string | null>(null);
  const apps = authenticators.filter((one) => one.factor === "totp");
  const passkeys = authenticators.filter((one) => one.factor === "passkey");

  const add = async (kind: Kind) => {
    setMessage(null);
    if (first) return setAdding({ kind, offer: null });
    const outcome = await openEnrolment({ factor: kind });
    if (outcome.status === "done") return setAdding({ kind, offer: outcome.data });
    setMessage(outcomeWords(outcome));
  };
  const done = () => {
    toast(adding?.kind === "passkey" ? "Passkey added" : "Authenticator app added");
    setAdding(null);
    router.refresh();
  };
  return (
    <div className="flex max-w-4xl flex-col gap-5">
      <h1 className="font-semibold text-2xl">Security</h1>
      {message ? <Notice tone="danger">{message}</Notice> : null}
      {first ? (
        <Notice tone="warn">
          You have no second factor yet. You need one to edit records and to open contracts.
        </Notice>
      ) : null}
      <Panel
        title="Authenticator apps"
        action={<Button onClick={() => void add("totp")}>Set up an authenticator app</Button>}
      >
        <List items={apps} now={now} empty="No authenticator app is set up." />
      </Panel>
      <Panel title="Passkeys" action={<Button onClick={() => void add("passkey")}>Add a passkey</Button>}>
        <List
          items={passkeys}
          now={now}
          empty="You have no passkey. It is the safest and quickest way to confirm."
        />
      </Panel>
      <Panel title="Recovery codes">
        <p>
          {recoveryCodesLeft > 0
            ? `${recoveryCodesLeft} unused ${recoveryCodesLeft === 1 ? "code" : "codes"}. Each lets you set up a new authenticator if you lose yours.`
            : first
              ? "You get ten of them when you set up your second factor."
              : "You have none. You get ten of them with the next authenticator that you add."}
        </p>
      </Panel>
      {adding ? (
        <EnrolmentDialog
          first={first}
          kind={adding.kind}
          {...(adding.offer ? { offer: adding.offer } : {})}
          actions={actions}
          onDone={done}
          onCancel={() => {
            setAdding(null);
            router.refresh();
          }}
        />
      ) : null}
    </div>
  );
}

function List({ items, now, empty }: { items: OwnAuthenticator[]; now: Date; empty: string }) {
  if (items.length === 0) return <p className="text-ink-soft">{empty}</p>;
  return (
    <ul className="flex flex-col divide-y divide-line">
      {items.map((one) => (
        <li
          key={one.id}
          className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 py-2.5 first:pt-0 last:pb-0"
        >
          <span className="font-medium">
            {one.name}{" "}
            {one.synced === null ? null : <Badge>{one.synced ? "synced" : "only on this device"}</Badge>}
          </span>
          <span className="text-ink-soft text-sm">
            Added <When at={one.createdAt} />,{" "}
            {one.lastUsedAt ? (
              <>
                last used <When at={one.lastUsedAt} />
              </>
            ) : (
              "not used yet"
            )}
          </span>
          {one.probationUntil && one.probationUntil > now ? (
            <p className="basis-full text-sm text-warn">
              On probation until <When at={one.probationUntil} />: it opens and edits records, but confirms no
              bank details or exports yet.
            </p>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
