/**
 * Time left, as minutes and seconds for the eye. Who listens hears something only when the last minute begins: put it
 * into an element with `role="status"`.
 */
export function Countdown({ seconds }: { seconds: number }) {
  return (
    <>
      <span aria-hidden className="tabular-nums">
        {clockText(seconds)}
      </span>
      <span className="sr-only">{seconds <= 60 ? "less than a minute" : "some minutes"}</span>
    </>
  );
}

/** 252 → "4:12". */
export function clockText(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
