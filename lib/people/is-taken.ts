import { and, eq, ne } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { people } from "@/db/schema/people";

/** Whether somebody else has an account with this address, disabled ones too. */
export async function isTaken(read: Reader, email: string, personId: string): Promise<boolean> {
  return (await read.$count(people, and(eq(people.email, email), ne(people.id, personId)))) > 0;
}
