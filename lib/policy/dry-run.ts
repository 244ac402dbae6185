import type { Reader } from "@/db/client";
import type { ActionName } from "@/lib/protected-actions";
import type { PolicyDocument } from "./document";
import { type Alike, reachOf, readAlike } from "./reach";
import { mostDecisions, readAllAuthenticators, readDecisions, replayedDays } from "./read-decisions";
import { type Costs, Replay } from "./replay";

/** What another policy would mean for one action. Counts alone: who it is, is nobody's business here. */
export type DryRunRow = {
  action: ActionName;
  /** Whose work it is, with an open account. */
  people: number;
  /** How many of them could not confirm it now, under either policy. */
  unable: { before: number; after: number };
  /** How many of those who did it in the time looked at could not have. */
  stopped: { before: number; after: number };
  promptsADay: { before: number; after: number };
};

export type DryRun = {
  rows: DryRunRow[];
  /** Decisions that were replayed, and over how many days they are spread. */
  decisions: number;
  days: number;
  /** There were more decisions than are replayed: only the newest were. */
  cut: boolean;
};

/** How many decisions are replayed before others get a turn: one process answers everybody. */
const atATime = 2_000;

/** Holds a policy against the people who are here and the decisions of the last 30 days, through `decide` itself. */
export async function dryRun(read: Reader, before: PolicyDocument, after: PolicyDocument): Promise<DryRun> {
  const [groups, decisions, authenticators] = await Promise.all([
    readAlike(read),
    readDecisions(read),
    readAllAuthenticators(read),
  ]);
  const replays = { before: new Replay(before, authenticators), after: new Replay(after, authenticators) };
  for (const [index, past] of decisions.entries()) {
    replays.before.follow(past);
    replays.after.follow(past);
    if (index % atATime === atATime - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  const [first] = decisions;
  const cut = decisions.length === mostDecisions;
  const since = cut && first ? (Date.now() - first.at.getTime()) / 86_400_000 : replayedDays;
  const days = Math.max(1, Math.min(replayedDays, Math.ceil(since)));
  const costs = { before: replays.before.costs, after: replays.after.costs };
  return { rows: rowsOf(before, after, groups, costs, days), decisions: decisions.length, days, cut };
}

function rowsOf(
  before: PolicyDocument,
  after: PolicyDocument,
  groups: readonly Alike[],
  costs: { before: Costs; after: Costs },
  days: number,
): DryRunRow[] {
  const reachAfter = reachOf(after, groups);
  return reachOf(before, groups).map(({ action, people, able }, index) => {
    const of = (side: Costs) => side.get(action) ?? { prompts: 0, stopped: new Set() };
    const [then, would] = [of(costs.before), of(costs.after)];
    return {
      action,
      people,
      unable: { before: people - able, after: people - (reachAfter[index]?.able ?? 0) },
      stopped: { before: then.stopped.size, after: would.stopped.size },
      promptsADay: { before: then.prompts / days, after: would.prompts / days },
    };
  });
}
