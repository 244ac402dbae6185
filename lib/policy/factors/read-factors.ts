import { and, countDistinct, eq, gt, isNull, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { people } from "@/db/schema/people";
import { authenticators, recoveryCodes } from "@/db/schema/step-up";
import { mayAdminister } from "@/lib/access/access";
import { channelsOf } from "@/lib/notices/channels";
import { isOpenAccount } from "@/lib/people/administrators";
import type { Person } from "@/lib/people/person";
import { environment } from "@/lib/platform/env";
import { type CodeFactor, isCodeFactor, sendsBy } from "@/lib/security/code-messages";
import type { FactorName } from "@/lib/step-up/facts";
import { isInUse } from "@/lib/step-up/in-use";
import { whyNot } from "../administrable";
import { isFactorOn, type PolicyDocument, switchableFactors } from "../document";
import { type Alike, canConfirm, leftBehind, readAlike } from "../reach";
import { readPolicy } from "../versions";
import { wasTried } from "./trial";

export type SwitchableFactor = (typeof switchableFactors)[number];

/** A factor as its card shows it. */
export type FactorCard = {
  factor: SwitchableFactor;
  on: boolean;
  /** People with an open account who could use it while it is on, and who did in the last 30 days. */
  have: number;
  used: number;
  /**
   * Whom switching it off would leave without a way to do their work or to set up another factor: some names, how many in
   * all, and how many of them nothing of theirs would set up another one for.
   */
  leaves: { people: number; names: string[]; stuck: number };
  /** Why it can't be switched off. */
  stays: string | null;
  /**
   * What is missing: a gateway, without which it is of no use even where it is on, and before it goes on a message that
   * came through it. null: nothing.
   */
  needs: "gateway" | "trial" | null;
};

const namesShown = 8;
const lately = sql`now() - interval '30 days'`;

/** All factors that can be switched, and the policy's version that says so. null: not this person's to see. */
export async function readFactorCards(
  read: Reader,
  person: Person,
): Promise<{ version: number; cards: FactorCard[] } | null> {
  if (!mayAdminister(person)) return null;
  const [{ version, document }, groups, numbers] = await Promise.all([
    readPolicy(read),
    readAlike(read, { namesShown }),
    readNumbers(read),
  ]);
  const cards = switchableFactors.map(async (factor): Promise<FactorCard> => {
    const on = isFactorOn(document, factor);
    const off = withSwitch(document, factor, false);
    return {
      factor,
      on,
      have: numbers.get(factor)?.have ?? 0,
      used: numbers.get(factor)?.used ?? 0,
      leaves: left(document, off, groups),
      stays: on ? whyNot(document, off, groups) : null,
      needs: isCodeFactor(factor) ? await needsOf(read, factor, on) : null,
    };
  });
  return { version, cards: await Promise.all(cards) };
}

/** Whom another policy leaves behind, and who of them could set up nothing else by themselves. */
function left(before: PolicyDocument, after: PolicyDocument, groups: readonly Alike[]) {
  const behind = leftBehind(before, after, groups);
  const stuck = behind.filter((group) => !canConfirm(after, group, "security.enrol-factor"));
  return {
    people: count(behind),
    stuck: count(stuck),
    names: behind
      .flatMap(({ names }) => names)
      .sort((one, other) => one.localeCompare(other, "en"))
      .slice(0, namesShown),
  };
}

function count(groups: readonly Alike[]): number {
  return groups.reduce((sum, { people }) => sum + people, 0);
}

async function needsOf(read: Reader, factor: CodeFactor, on: boolean): Promise<FactorCard["needs"]> {
  if (!sendsBy(channelsOf(environment()), factor)) return "gateway";
  return on || (await wasTried(read, factor)) ? null : "trial";
}

export function withSwitch(document: PolicyDocument, factor: FactorName, on: boolean): PolicyDocument {
  return { ...document, factors: { ...document.factors, [factor]: on } };
}

type Numbers = Map<FactorName, { have: number; used: number }>;

async function readNumbers(read: Reader): Promise<Numbers> {
  const enrolled = await read
    .select({
      factor: authenticators.factor,
      have: countDistinct(authenticators.userId),
      used: sql<number>`count(distinct ${authenticators.userId}) filter (where ${gt(authenticators.lastUsedAt, lately)})::int`,
    })
    .from(authenticators)
    .innerJoin(people, eq(people.id, authenticators.userId))
    .where(and(isOpenAccount(), isInUse()))
    .groupBy(authenticators.factor);
  const unused = and(isNull(recoveryCodes.usedAt), isNull(recoveryCodes.revokedAt));
  const [codes] = await read
    .select({
      have: sql<number>`count(distinct ${recoveryCodes.userId}) filter (where ${unused})::int`,
      used: sql<number>`count(distinct ${recoveryCodes.userId}) filter (where ${gt(recoveryCodes.usedAt, lately)})::int`,
    })
    .from(recoveryCodes)
    .innerJoin(people, eq(people.id, recoveryCodes.userId))
    .where(isOpenAccount());
  const numbers: Numbers = new Map(enrolled.map(({ factor, ...rest }) => [factor, rest]));
  return numbers.set("recovery-code", codes ?? { have: 0, used: 0 });
}
