import type { Outcome } from "./call";
import { reasonWords } from "./words";

/** What to tell where an act did not happen; null where the person gave it up and knows. */
export function outcomeWords(outcome: Outcome<unknown>): string | null {
  switch (outcome.status) {
    case "done":
    case "cancelled":
      return null;
    case "invalid":
      return outcome.message;
    case "conflict":
      return "Somebody else saved this record in the meantime.";
    case "forbidden":
      return [outcome.message, ...outcome.reasons.slice(1).map(reasonWords)].join(" ");
    case "rate-limited":
      return "Too many tries. Try again later.";
    case "other-person":
      return "Somebody else is signed in here now. Reload the page.";
    case "failed":
      return outcome.reference === "no-connection"
        ? "Keyturn could not be reached. What you typed is still here: try again."
        : `This failed, and nothing was changed. Try again; if it stays, name ${outcome.reference} to an administrator.`;
  }
}
