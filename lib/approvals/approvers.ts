import { and, eq, isNull, lte, or, type SQL, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { people } from "@/db/schema/people";
import { authenticators } from "@/db/schema/step-up";
import { isOpenAccount } from "@/lib/people/administrators";
import { requirementUnder } from "@/lib/policy/policy";
import { readPolicy } from "@/lib/policy/versions";
import type { FactorName } from "@/lib/step-up/facts";
import { isInUse } from "@/lib/step-up/in-use";
import type { ApprovalKindName } from "./approval-kind";
import { readTies, type Ties } from "./ties";

/** Why an administrator may not decide a request: who it is about, who asked, or somebody tied to who asked. */
export type Excluded = "target" | "asker" | "tied";

export type Administrator = {
  id: string;
  name: string;
  email: string;
  /** They have a second factor that confirms administrative acts now, and their account is not locked. */
  able: boolean;
};

/** Every administrator with an open account, and how they are tied: all that decides who may approve what. */
export type Approvers = { administrators: Administrator[]; ties: Ties };

/** Read once for any number of requests. */
export async function readApprovers(read: Reader): Promise<Approvers> {
  const { document } = await readPolicy(read);
  const { factors } = requirementUnder(document, "admin.approve", { role: "administrator" });
  const able = isAble(factors).mapWith(Boolean);
  const administrators = await read
    .select({ id: people.id, name: people.name, email: people.email, able })
    .from(people)
    .where(and(eq(people.role, "administrator"), isOpenAccount()));
  const ties = await readTies(
    read,
    administrators.map(({ id }) => id),
  );
  return { administrators, ties };
}

/**
 * SQL, as threats.md 20 asks: a passkey, or an app where there never was one; neither suspended nor on probation, and of
 * a kind that the policy in force accepts.
 */
function isAble(accepted: readonly FactorName[]): SQL<boolean> {
  const { userId, factor, probationUntil } = authenticators;
  const of = (which: SQL | undefined) =>
    sql`exists (select 1 from ${authenticators} where ${userId} = ${people.id} and ${which})`;
  const settled = or(isNull(probationUntil), lte(probationUntil, sql`now()`));
  const has = (kind: "passkey" | "totp") =>
    accepted.includes(kind) ? of(and(eq(factor, kind), isInUse(), settled)) : sql`false`;
  return sql`${people.passwordLockedAt} is null
    and (${has("passkey")} or (${has("totp")} and not ${of(eq(factor, "passkey"))}))`;
}

export type Ask = { askedBy: string; target: string | null };

/**
 * Why this person may not approve what `askedBy` asks about `target` (threats.md 20); null: they may. A tie counts both
 * ways: else a puppet would ask, and whoever made it would approve (docs/decisions/018). Whoever is no open
 * administrator is as good as tied.
 */
export function exclusionOf({ administrators, ties }: Approvers, id: string, ask: Ask): Excluded | null {
  if (id === ask.target) return "target";
  if (id === ask.askedBy) return "asker";
  if (!administrators.some((one) => one.id === id)) return "tied";
  return ties(id, ask.askedBy) ? "tied" : null;
}

/** Said to an administrator who sees a request and may not approve it. */
export const excludedWords: Record<Excluded, string> = {
  target: "It is about you: another administrator decides.",
  asker: "You asked for it: another administrator decides.",
  tied: "One of you two invited the other, made them an administrator or reset their factors in the last 30 days: another administrator decides.",
};

/** What is left where nobody can approve; `command` is run at the host. */
const left: Record<ApprovalKindName, { words: string; command: string }> = {
  "reset-factors": {
    words: "Whoever runs the host can recover the account:",
    command: 'npm run admin:recover -- EMAIL --reason "…"',
  },
  "make-administrator": {
    words:
      "Nothing else makes an administrator; whoever runs the host can open the disabled account of one again:",
    command: 'npm run admin:recover -- EMAIL --reason "…"',
  },
  "loosen-policy": {
    words: "Whoever runs the host can put an earlier version in force again:",
    command: 'npm run policy:restore -- VERSION --reason "…"',
  },
};

/** Why nobody could approve, from which day on somebody can, and what is left. */
export type Nobody = { because: string; left: string; command: string };

/** Null: somebody can approve what is asked. */
export function nobodyFor(approvers: Approvers, kind: ApprovalKindName, ask: Ask): Nobody | null {
  const { administrators, ties } = approvers;
  const others = administrators.filter(({ id }) => id !== ask.askedBy && id !== ask.target);
  if (others.some(({ id, able }) => able && !ties(id, ask.askedBy))) return null;
  const { words, command } = left[kind];
  return { because: whyNobody(others, administrators.length, ties, ask), left: words, command };
}

function whyNobody(others: Administrator[], all: number, ties: Ties, { askedBy }: Ask): string {
  if (all <= 1) return "You are the only administrator, and this takes a second one's approval.";
  if (others.length === 0)
    return "Nobody can approve this: the only other administrator is the one it is about.";
  const able = others.filter((one) => one.able);
  if (able.length === 0)
    return "Nobody can approve this now: no other administrator has a second factor that confirms it, and a new one does not during its probation.";
  const days = able.flatMap(({ id, name }) => {
    const until = ties(id, askedBy);
    return until ? [{ name, until }] : [];
  });
  const [first] = days.sort((one, other) => one.until.getTime() - other.until.getTime());
  const from = first ? ` ${first.name} can from ${dayWords.format(first.until)}.` : "";
  return `Nobody can approve this yet: for 30 days after one of two invited the other, made them an administrator or reset their factors, they approve nothing for one another.${from}`;
}

const dayWords = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });

/** It in one sentence after the other, for answers that are plain text. */
export function nobodyWords({ because, left, command }: Nobody): string {
  return `${because} ${left} ${command}`;
}

/** Whether a request of this administrator would find anybody: by kind, why not, before anything is typed. */
export type WaysToAsk = Record<ApprovalKindName, Nobody | null>;

export async function readWaysToAsk(read: Reader, ask: Ask): Promise<WaysToAsk> {
  const approvers = await readApprovers(read);
  const of = (kind: ApprovalKindName, target: string | null) =>
    nobodyFor(approvers, kind, { askedBy: ask.askedBy, target });
  return {
    "reset-factors": of("reset-factors", ask.target),
    "make-administrator": of("make-administrator", ask.target),
    "loosen-policy": of("loosen-policy", null),
  };
}
