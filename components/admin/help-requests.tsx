import { Panel } from "@/components/ui/panel";
import { When } from "@/components/ui/when";
import type { OpenHelpRequest } from "@/lib/people/read-people";
import { actionInWords } from "./words";

/** Who could use none of their factors and waits for an administrator. */
export function HelpRequests({ requests }: { requests: OpenHelpRequest[] }) {
  return (
    <Panel title="Requests for help" count={requests.length}>
      {requests.length === 0 ? <p className="text-ink-soft">Nobody waits for help.</p> : null}
      <ul className="flex flex-col divide-y divide-line">
        {requests.map(({ id, name, email, action, createdAt }) => (
          <li
            key={id}
            className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 py-2.5 first:pt-0 last:pb-0"
          >
            <span>
              <span className="font-medium">{name}</span> <span className="break-all">({email})</span> can't
              confirm: wanted to {actionInWords(action)}
            </span>
            <span className="text-ink-soft text-sm">
              <When at={createdAt} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
