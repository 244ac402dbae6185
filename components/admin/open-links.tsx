import { roleWords } from "@/components/role-words";
import { Button } from "@/components/ui/button";
import { Badge, Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { When } from "@/components/ui/when";
import type { OpenLink } from "@/lib/people/read-people";

type Props = {
  links: OpenLink[];
  message: string | null;
  onSendAgain(link: OpenLink): Promise<void>;
  onRevoke(link: OpenLink): Promise<void>;
};

/** Who is invited and has not come yet, and recovery links that are out. */
export function OpenLinks({ links, message, onSendAgain, onRevoke }: Props) {
  return (
    <Panel title="Open invitations" count={links.length}>
      {message ? (
        <Notice tone="danger" className="mb-3">
          {message}
        </Notice>
      ) : null}
      {links.length === 0 ? <p className="text-ink-soft">Nobody is invited just now.</p> : null}
      <ul className="flex flex-col divide-y divide-line">
        {links.map((link) => (
          <li
            key={link.id}
            className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2.5 first:pt-0 last:pb-0"
          >
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
                  onClick={() => void onSendAgain(link)}
                >
                  Send again
                </Button>
              ) : null}
              <Button
                size="small"
                variant="danger"
                aria-label={`Revoke ${link.email}`}
                onClick={() => void onRevoke(link)}
              >
                Revoke
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function told({ email, data, team, invitedBy }: OpenLink): string {
  const by = invitedBy ? `by ${invitedBy.name}` : "made at the host";
  return [email, data && roleWords[data.role], team, by].filter(Boolean).join(" · ");
}
