"use client";

import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { When } from "@/components/ui/when";
import type { PublicAction } from "@/lib/public-command";
import type { NotMeOutcome } from "@/lib/security/not-me/not-me";
import { useLinkToken } from "./use-link-token";
import { usePublicAct } from "./use-public-act";

type Reported = { what: string; at: string };
type Props = { lookAt: PublicAction<Reported>; report: PublicAction<NotMeOutcome> };

/**
 * Shows what was done, and takes it back at a click: opening the page changes nothing, since scanners of mail open
 * every link.
 */
export function NotMeView({ lookAt, report }: Props) {
  const token = useLinkToken();
  const look = usePublicAct(lookAt);
  const { act: lookNow } = look;
  const reporting = usePublicAct(report);
  const [reported, setReported] = useState<Reported | null>(null);
  const [outcome, setOutcome] = useState<NotMeOutcome | null>(null);
  const [over, setOver] = useState(false);

  useEffect(() => {
    if (!token) return;
    void lookNow({ token }).then((result) => {
      setOver(result?.status === "invalid");
      setReported(result?.status === "done" ? result.data : null);
    });
  }, [token, lookNow]);

  const click = async () => {
    const result = await reporting.act({ token });
    setOver(result?.status === "invalid");
    if (result?.status === "done") setOutcome(result.data);
  };

  if (outcome) return <WhatHappensNext outcome={outcome} />;
  if (token === null) return <Notice>Open this page by the link in a mail from Keyturn.</Notice>;
  if (over)
    return (
      <Notice tone="danger">
        This link has expired or was used already. If something is wrong with your account, tell an
        administrator.
      </Notice>
    );
  const message = reporting.message ?? look.message;
  return (
    <div className="flex flex-col gap-4">
      {message ? <Notice tone="danger">{message}</Notice> : null}
      {reported ? (
        <>
          <p>
            Somebody {reported.what}, <When at={reported.at} />.
          </p>
          <p>
            If it was not you, say so here. You are signed out everywhere, your password opens nothing until
            you choose a new one, what was added is switched off, and your administrators are told.
          </p>
          <p className="text-ink-soft">If it was you, close this page: nothing has changed.</p>
          <Button variant="primary" size="large" pending={reporting.busy} onClick={click}>
            This wasn't me
          </Button>
        </>
      ) : null}
    </div>
  );
}

function WhatHappensNext({ outcome }: { outcome: NotMeOutcome }) {
  const { suspended, codesRevoked, emailKept, mailed } = outcome;
  const done = [
    "Every session of your account has ended.",
    suspended > 0 ? "What was added can confirm nothing any more." : null,
    codesRevoked ? "Recovery codes that may be in other hands no longer work." : null,
    emailKept ? "Your email address is the old one." : null,
    "Your administrators were told.",
  ].filter((one) => one !== null);
  return (
    <Notice tone="open" title="Thank you: your account is locked">
      <ul className="list-disc pl-5">
        {done.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      <p className="mt-2">
        {mailed
          ? "A mail with a link is on its way to you. Choose a new password with it within 15 minutes, and then look at your second factors."
          : "Speak to an administrator: they open your account again."}
      </p>
    </Notice>
  );
}
