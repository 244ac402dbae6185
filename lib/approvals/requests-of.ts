import { and, asc, eq, isNull } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { approvals } from "@/db/schema/approvals";
import type { PromptChange } from "@/lib/step-up/prompt";
import { inWords } from "./outdate";

/** What this administrator asked for and nobody has decided yet, in words, the oldest first. */
export async function readRequestsOf(read: Reader, personId: string): Promise<string[]> {
  const open = await read
    .select({ kind: approvals.kind, subject: approvals.subject })
    .from(approvals)
    .where(and(eq(approvals.askedBy, personId), isNull(approvals.outcome)))
    .orderBy(asc(approvals.askedAt));
  return Promise.all(open.map(({ kind, subject }) => inWords(read, kind, subject)));
}

/** For the prompt in which they stop being an administrator: nobody takes a request over (docs/decisions/018). */
export function requestsWords({ name }: { name: string }, requests: string[]): PromptChange[] {
  if (requests.length === 0) return [];
  return [
    {
      label: "Requests for approval",
      from: `${requests.length} of ${name}: ${requests.join(", ")}`,
      to: "closed",
    },
  ];
}
