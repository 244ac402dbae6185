"use client";

import { useState } from "react";
import type { PublicAction } from "@/lib/public-command";
import { NewPasswordForm } from "./new-password-form";
import { ResetRequestForm } from "./reset-request-form";
import { useLinkToken } from "./use-link-token";

type Props = { request: PublicAction<null>; complete: PublicAction<null> };

/** With a mailed link the form for a new password, without one the form that asks for a link. */
export function ResetView({ request, complete }: Props) {
  const token = useLinkToken();
  const [over, setOver] = useState<string | null>(null);
  if (token === undefined) return null;
  if (token !== null && token !== over)
    return <NewPasswordForm key={token} token={token} complete={complete} onOver={() => setOver(token)} />;
  return <ResetRequestForm request={request} />;
}
