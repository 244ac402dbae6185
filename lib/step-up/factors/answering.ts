import { and, eq, inArray, type SQL } from "drizzle-orm";
import { authenticators } from "@/db/schema/step-up";
import type { AuthenticatorFact } from "../facts";
import { isInUse } from "../in-use";
import type { Subject } from "./factor";

/** The subject's authenticators of one factor; what the caller handed over of other factors plays no part. */
export function ofFactor(subject: Subject, factor: AuthenticatorFact["factor"]): AuthenticatorFact[] {
  return subject.authenticators.filter((one) => one.factor === factor);
}

/**
 * Rows of `authenticators` that may answer: in the subject's list, and still this user's, in use and of this factor
 * as the database has them now, since the list was read before the answer came (threats.md 3, 13).
 */
export function answering(subject: Subject, factor: AuthenticatorFact["factor"]): SQL {
  const ids = ofFactor(subject, factor).map((one) => one.id);
  const conditions = [
    inArray(authenticators.id, ids),
    eq(authenticators.userId, subject.userId),
    eq(authenticators.factor, factor),
    isInUse(),
  ];
  const all = and(...conditions);
  if (!all) throw new Error("a filter without conditions would let everybody answer");
  return all;
}
