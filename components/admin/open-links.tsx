"use client";

import { useState } from "react";
import { roleWords } from "@/components/role-words";
import { Button } from "@/components/ui/button";
import { Badge, Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { When } from "@/components/ui/when";
import type { OpenLink, OpenLinks } from "@/lib/people/read-people";

type Props = {
  links: OpenLinks;
  /** Only those that match the search are here. */
  searched: boolean;
  message: string | null;
  onSendAgain(link: OpenLink): Promise<void>;
  onRevoke(link: OpenLink): Promise<void>;
};

/** Who is invited and has not come yet, and recovery links that are out. */
export function OpenLinksPanel({ links: { rows, isMore }, searched, message, onSendAgain, onRevoke }: Props) {
  return (
    <Panel title="Open invitations" count={rows.length}>
      {message ? (
        <Notice tone="danger" className="mb-3">
          {message}
        </Notice>
      ) : null}
      {rows.length === 0 ? (
        <p className="text-ink-soft">{searched ? "No open invitations match." : "No open invitations."}</p>
      ) : null}
      {isMore ? (
        <p className="mb-2 text-ink-soft text-sm">
          These are the newest. Search above for a name or an address to find older ones.
        </p>
      ) : null}
      <ul className="flex flex-col divide-y divide-line">
        {rows.map((link) => (
          <Invited key={link.id} link={link} onSendAgain={onSendAgain} onRevoke={onRevoke} />
        ))}
      </ul>
    </Panel>
  );
}

type Act = "send" | "revoke";

function Invited({
  link,
  onSendAgain,
  onRevoke,
}: { link: OpenLink } & Pick<Props, "onSendAgain" | "onRevoke">) {
  const [busy, setBusy] = useState<Act | null>(null);
  const run = async (which: Act, act: (link: OpenLink) => Promise<void>) => {
    setBusy(which);
    await act(link);
    setBusy(null);
  };
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2.5 first:pt-0 last:pb-0">
      <div className="min-w-0">
        <p>
          <span className="font-medium">{link.name || link.email}</span>{" "}
          {link.purpose === "recovery" ? <Badge tone="warn">recovery link</Badge> : null}
          {link.expired ? <Badge tone="warn">expired</Badge> : null}
        </p>
        <p className="break-words text-ink-soft text-sm">{told(link)}</p>
        <p className="text-ink-soft text-sm">
          {link.expired ? "Ran out" : "Until"} <When at={link.expiresAt} />
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        {link.purpose === "invitation" && link.invitedBy ? (
          <Button
            size="small"
            aria-label={`Send again to ${link.email}`}
            pending={busy === "send"}
            onClick={() => void run("send", onSendAgain)}
          >
            Send again
          </Button>
        ) : null}
        <Button
          size="small"
          variant="danger"
          aria-label={`Revoke ${link.email}`}
          pending={busy === "revoke"}
          onClick={() => void run("revoke", onRevoke)}
        >
          Revoke
        </Button>
      </div>
    </li>
  );
}

function told({ email, data, team, invitedBy }: OpenLink): string {
  const by = invitedBy ? `by ${invitedBy.name}` : "made at the host";
  return [email, data && roleWords[data.role], team, by].filter(Boolean).join(" · ");
}
