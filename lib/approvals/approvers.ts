import { and, eq } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { people } from "@/db/schema/people";
import { isOpenAccount } from "@/lib/people/administrators";
import { readTied } from "./ties";

/** Why an administrator may not decide a request: who it is about, who asked, or somebody tied to who asked. */
export type Excluded = "target" | "asker" | "tied";

/** An administrator with an open account, and why they may not approve; null: they may. */
export type Candidate = { id: string; name: string; email: string; excluded: Excluded | null };

/**
 * Every administrator, with rule 20's exclusions for what `askedBy` asks about `target`. A tie counts both ways: else a
 * puppet would ask, and whoever made it would approve (docs/decisions/018).
 */
export async function readCandidates(
  read: Reader,
  { askedBy, target }: { askedBy: string; target: string | null },
): Promise<Candidate[]> {
  const administrators = await read
    .select({ id: people.id, name: people.name, email: people.email })
    .from(people)
    .where(and(eq(people.role, "administrator"), isOpenAccount()));
  const tied = await readTied(
    read,
    askedBy,
    administrators.map(({ id }) => id),
  );
  const excludedOf = (id: string): Excluded | null => {
    if (id === target) return "target";
    if (id === askedBy) return "asker";
    return tied.has(id) ? "tied" : null;
  };
  return administrators.map((one) => ({ ...one, excluded: excludedOf(one.id) }));
}

/** Said to an administrator who sees a request and may not approve it. */
export const excludedWords: Record<Excluded, string> = {
  target: "It is about you: another administrator decides.",
  asker: "You asked for it: another administrator decides.",
  tied: "One of you two invited the other, made them an administrator or reset their factors in the last 30 days: another administrator decides.",
};

/** Why nobody could approve. */
export function nobodyWords(candidates: Candidate[]): string {
  return candidates.length <= 1
    ? "You are the only administrator, and this takes a second one's approval. Only `npm run admin:recover` at the host is left."
    : "Nobody could approve this: the other administrators are whom it is about, or one of you made the other an administrator or reset their factors in the last 30 days. Only `npm run admin:recover` at the host is left.";
}

/** Whether a request of this administrator would find anybody: `nobody` says why not, before anything is typed. */
export async function readWaysToAsk(
  read: Reader,
  ask: { askedBy: string; target: string | null },
): Promise<{ nobody: string | null }> {
  const candidates = await readCandidates(read, ask);
  const somebody = candidates.some(({ excluded }) => excluded === null);
  return { nobody: somebody ? null : nobodyWords(candidates) };
}
