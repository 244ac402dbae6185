import { CopyButton } from "@/components/ui/copy-button";
import { Notice } from "@/components/ui/notice";
import type { HandedOver } from "@/lib/approvals/approval-kind";

/** Shown this once: the page keeps them no longer than it stays open, and the server keeps a hash. */
export function LinksToHandOver({ links, because }: { links: HandedOver[]; because: string }) {
  if (links.length === 0) return null;
  return (
    <Notice tone="open" title="Links to hand over">
      <p>{because}</p>
      <ul className="mt-2 flex flex-col gap-3">
        {links.map(({ label, url }) => (
          <li key={url}>
            <p className="font-medium">{label}</p>
            <p>
              <code className="break-all font-mono text-sm">{url}</code>
            </p>
            <CopyButton text={url} label="Copy link" />
          </li>
        ))}
      </ul>
    </Notice>
  );
}
