import type { ActionName } from "@/lib/protected-actions";
import type { CurrentSession } from "./read-session";

/**
 * All that a held session opens: the proof that it waits for, what leads to one, and the ways out. Everything else,
 * pages included, is answered as if nobody were signed in: what is not listed is refused (ASVS v5.0.0-8.2.1).
 */
const opened: ReadonlySet<string> = new Set<ActionName>([
  "session.finish-sign-in",
  "session.cancel-prompt",
  "session.send-code",
  "session.sign-out",
  "security.enrol-first-factor",
  "security.enrol-factor",
  "security.enrol-after-reset",
  "security.send-enrolment-code",
  "security.confirm-mailed-code",
  "security.activate-factor",
  "security.ask-for-help",
]);

/** `sign-in`: the second factor was not proved yet. `overdue`: their role demands one, and the time for it is over. */
export type Hold = "sign-in" | "overdue";

/** Why a session opens nothing; null where it is open. Pure. */
export function holdOf({ awaits, secondFactorBy, now }: HoldFacts): Hold | null {
  if (awaits) return "sign-in";
  return secondFactorBy && secondFactorBy.getTime() <= now.getTime() ? "overdue" : null;
}

type HoldFacts = Pick<CurrentSession, "awaits" | "secondFactorBy" | "now">;

/** Whether a session is there for this action; null: for a page. */
export function isOpenTo(session: HoldFacts, action: string | null): boolean {
  return holdOf(session) === null || (action !== null && opened.has(action));
}
