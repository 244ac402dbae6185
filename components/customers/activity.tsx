import { Badge } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { When } from "@/components/ui/when";
import { describeEvent } from "@/lib/audit/describe";
import type { ActivityEvent } from "@/lib/audit/read";
import type { Action } from "@/lib/step-up/action-result";
import { ReceiptButton } from "./receipt-button";

type Props = { events: ActivityEvent[]; customerId: string; downloadReceipt: Action<null> };

/** The record's history, in words, newest first. */
export function Activity({ events, customerId, downloadReceipt }: Props) {
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
                  customerId={customerId}
                  eventId={event.id}
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
    </Panel>
  );
}
