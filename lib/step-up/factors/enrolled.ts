import { randomUUID } from "node:crypto";
import type { OpenDatabase } from "@/db/client";
import { authenticators } from "@/db/schema/step-up";
import type { AuthenticatorFact } from "../facts";

/** FOR TESTS. A row of `authenticators`, as the guard reads it. */
export async function enrolled(
  opened: OpenDatabase,
  factor: AuthenticatorFact["factor"],
  userId: string = randomUUID(),
): Promise<{ userId: string; fact: AuthenticatorFact }> {
  const [row] = await opened.database
    .insert(authenticators)
    .values({ userId, factor, name: `A ${factor}` })
    .returning();
  if (!row) throw new Error("the authenticator was not written");
  return { userId, fact: row };
}
