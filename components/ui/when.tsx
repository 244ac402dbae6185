// Made once: making one takes longer than all that it formats on a page.
const minutes = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "short",
  timeZone: "UTC",
});
const days = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });

/** A moment, the same on server and in the browser: in UTC and said so, to the minute. */
export function When({ at }: { at: Date | string }) {
  const date = typeof at === "string" ? new Date(at) : at;
  return (
    <time dateTime={date.toISOString()} className="whitespace-nowrap">
      {minutes.format(date)} UTC
    </time>
  );
}

const seconds = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "medium",
  timeZone: "UTC",
});

/** The same to the second: for what is compared with other logs. Whoever rests on it sees it as it is stored. */
export function WhenExactly({ at }: { at: string }) {
  return (
    <time dateTime={at} title={at} className="whitespace-nowrap">
      {seconds.format(new Date(at))} UTC
    </time>
  );
}

/** A calendar day, from `YYYY-MM-DD`. */
export function Day({ on }: { on: string }) {
  return (
    <time dateTime={on} className="whitespace-nowrap">
      {days.format(new Date(`${on}T00:00:00Z`))}
    </time>
  );
}

/** Money from its exact decimal text. */
export function Money({ value, currency }: { value: string; currency: string }) {
  const text = new Intl.NumberFormat("en-GB", { style: "currency", currency }).format(
    value as Intl.StringNumericLiteral,
  );
  return <span className="whitespace-nowrap">{text}</span>;
}
