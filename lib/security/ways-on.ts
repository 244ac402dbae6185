import type { Reader } from "@/db/client";
import { waitsForSetUp } from "@/lib/people/set-up";
import { requirementOf } from "@/lib/policy/policy";
import type { CurrentSession } from "@/lib/session/read-session";
import { decide } from "@/lib/step-up/decide";
import type { EnrolledFactor } from "@/lib/step-up/facts";
import { settableKinds } from "./settable";

/**
 * `some`: what they have finishes the sign-in. `none`: there never was one. `another`: none is accepted here, and one of
 * theirs confirms the set-up of one that is. `recovery`: so does a recovery code, and nothing else. `link`: they were
 * reset, and a link was mailed. `lost`: nothing is left but asking.
 */
export type WaysOn = "some" | "none" | "another" | "recovery" | "link" | "lost";

/** What this person can finish the sign-in with, as the gates themselves decide it. */
export async function readWaysOn(read: Reader, session: CurrentSession): Promise<WaysOn> {
  const { outcome } = decide(requirementOf("session.finish-sign-in", session), session);
  if (outcome === "step-up" || outcome === "satisfied") return "some";
  if (session.authenticators.length === 0) return "none";
  const setUp = decide(requirementOf("security.enrol-factor", session), session);
  if (setUp.outcome === "step-up")
    return setUp.accepted.some((factor) => factor !== "recovery-code") ? "another" : "recovery";
  return (await waitsForSetUp(read, session.userId)) ? "link" : "lost";
}

/** The kinds that somebody may set up now and that finish their sign-in: another one would lead back to the same page. */
export function finishingKinds(session: CurrentSession): EnrolledFactor[] {
  const { factors } = requirementOf("session.finish-sign-in", session);
  return settableKinds(session).filter((kind) => factors.includes(kind));
}
