import { ReceiptButton } from "@/components/receipt-button";
import { LinkButton } from "@/components/ui/button";
import { Badge } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { When } from "@/components/ui/when";
import { describeEvent } from "@/lib/audit/describe";
import type { ActivityEvent } from "@/lib/audit/read";
import type { Action } from "@/lib/step-up/action-result";

type Props = {
  events: ActivityEvent[];
  /** The event before which older ones follow; null: these are the last. */
  olderThan: number | null;
  /** These are the newest. */
  isNewest: boolean;
  customerId: string;
  downloadReceipt: Action<null>;
};

/** The record's history, in words, newest first, a page at a time. */
export function Activity({ events, olderThan, isNewest, customerId, downloadReceipt }: Props) {
  const address = `/customers/${customerId}`;
  return (
    <Panel title="Activity">
      {events.length === 0 ? <p className="text-ink-soft">Nothing has happened yet.</p> : null}
      <ol className="flex flex-col gap-2.5">
        {events.map((event) => (
          <li key={event.id} className="flex flex-wrap items-baseline justify-between gap-x-4">
            <span className="min-w-0 flex-1 basis-72 break-words">
              <span id={`event-${event.id}`}>{describeEvent(event)}</span>{" "}
              {event.isDemo ? <Badge>demo history, unsigned</Badge> : null}
              {event.hasReceipt ? (
                <ReceiptButton
                  input={{ customerId, eventId: event.id }}
                  href={`/customers/${customerId}/receipts/${event.id}`}
                  describedBy={`event-${event.id}`}
                  downloadReceipt={downloadReceipt}
                />
              ) : null}
            </span>
            <span className="text-ink-soft text-sm">
              <When at={event.at} />
            </span>
          </li>
        ))}
      </ol>
      {isNewest && olderThan === null ? null : (
        <nav aria-label="Activity by age" className="mt-3 flex gap-2">
          {isNewest ? null : (
            <LinkButton href={address} scroll={false} prefetch={false} size="small">
              Show newest
            </LinkButton>
          )}
          {olderThan === null ? null : (
            <LinkButton href={`${address}?before=${olderThan}`} scroll={false} prefetch={false} size="small">
              Show older
            </LinkButton>
          )}
        </nav>
      )}
    </Panel>
  );
}
