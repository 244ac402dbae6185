"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { PublicAction } from "@/lib/public-command";
import { useLinkToken } from "./use-link-token";
import { usePublicAct } from "./use-public-act";

type Confirmed = { done: boolean; email: string; waitingFor: "old" | "new" };

type Props = { confirm: PublicAction<Confirmed> };

/** Confirms at a click: opening the page changes nothing, since scanners of mail open every link. */
export function ConfirmEmailView({ confirm }: Props) {
  const token = useLinkToken();
  if (token === undefined) return null;
  if (token === null) return <Notice>Open this page by the link in the email.</Notice>;
  return <Confirm key={token} token={token} confirm={confirm} />;
}

function Confirm({ token, confirm }: Props & { token: string }) {
  const { act, busy, message } = usePublicAct(confirm);
  const [confirmed, setConfirmed] = useState<Confirmed | null>(null);

  const onConfirm = async () => {
    const result = await act({ token });
    if (result?.status === "done") setConfirmed(result.data);
  };

  if (confirmed?.done)
    return (
      <>
        <Notice tone="open">Your account uses {confirmed.email} now. Sign in with it from now on.</Notice>
        <a className="flex min-h-6 w-fit items-center underline underline-offset-4" href="/customers">
          To Keyturn
        </a>
      </>
    );
  if (confirmed)
    return (
      <Notice tone="open">
        Confirmed. Now the link in the email to your {confirmed.waitingFor} address is missing.
      </Notice>
    );
  return (
    <>
      {message ? <Notice tone="danger">{message}</Notice> : null}
      <p>You asked for another email address for your account. Nobody else should have this link.</p>
      <Button variant="primary" pending={busy} onClick={() => void onConfirm()}>
        Confirm
      </Button>
    </>
  );
}
