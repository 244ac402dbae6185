/** A moment, the same on server and in the browser: in UTC and said so, to the minute. */
export function When({ at }: { at: Date | string }) {
  const date = typeof at === "string" ? new Date(at) : at;
  const text = new Intl.DateTimeFormat("en-GB", {
    dateStyle: "medium",
    timeStyle: "short",
    timeZone: "UTC",
  }).format(date);
  return (
    <time dateTime={date.toISOString()} className="whitespace-nowrap">
      {text} UTC
    </time>
  );
}

/** A calendar day, from `YYYY-MM-DD`. */
export function Day({ on }: { on: string }) {
  const text = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" }).format(
    new Date(`${on}T00:00:00Z`),
  );
  return (
    <time dateTime={on} className="whitespace-nowrap">
      {text}
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
