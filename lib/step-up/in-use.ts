import { and, isNull, type SQL } from "drizzle-orm";
import { authenticators } from "@/db/schema/step-up";

/** SQL of a row of `authenticators`: it may answer, like `usableAuthenticators` of facts.ts. */
export function isInUse(): SQL {
  const { removedAt, suspendedAt, voidSince } = authenticators;
  const all = and(isNull(removedAt), isNull(suspendedAt), isNull(voidSince));
  if (!all) throw new Error("a filter without conditions would let everything answer");
  return all;
}
