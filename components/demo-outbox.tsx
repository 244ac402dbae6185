import type { MailState, ShownMail } from "@/lib/notices/read";
import { Badge, type Tone } from "./ui/notice";
import { Panel } from "./ui/panel";
import { When } from "./ui/when";

type Props = {
  title: string;
  messages: ShownMail[];
  /** Links are made of this app's addresses alone. */
  origin: string;
  /** Why they wait here; null where a server or gateway is named, and they go out besides. */
  waits: string | null;
  empty: string;
};

const states: Record<MailState, { words: string; tone: Tone }> = {
  sent: { words: "Sent", tone: "open" },
  waiting: { words: "Waiting", tone: "info" },
  "trying-again": { words: "Trying again", tone: "warn" },
  "given-up": { words: "Given up", tone: "danger" },
};

/** What the app has sent, the newest first: the demo's mailbox, or phone, for everybody. */
export function DemoOutbox({ title, messages, origin, waits, empty }: Props) {
  return (
    <Panel title={title} count={messages.length}>
      {waits ? <p className="mb-3 text-ink-soft">{waits}</p> : null}
      {messages.length === 0 ? <p className="text-ink-soft">{empty}</p> : null}
      <ul className="flex flex-col divide-y divide-line">
        {messages.map(({ id, subject, recipient, createdAt, state, body }) => (
          <li key={id} className="py-3 first:pt-0 last:pb-0">
            <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
              <h3 className="font-medium">{subject}</h3>
              <Badge tone={states[state].tone}>{states[state].words}</Badge>
            </div>
            <p className="text-ink-soft text-sm break-words">
              to {recipient}, <When at={createdAt} />
            </p>
            <p className="mt-1 whitespace-pre-line break-words">
              {body ? <Linked text={body} origin={origin} /> : "The text is gone."}
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/**
 * The text with its addresses of this app as links. Everything else stays text: a name or an address that somebody
 * typed becomes neither markup nor a way out of here.
 */
function Linked({ text, origin }: { text: string; origin: string }) {
  const parts = text.split(/(https?:\/\/[^\s<>"]+)/);
  return parts.map((part, index) =>
    part.startsWith(`${origin}/`) ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move.
      <a key={index} href={part} className="inline-block min-h-6 break-all underline underline-offset-4">
        {part}
      </a>
    ) : (
      part
    ),
  );
}
