import type { Reader } from "@/db/client";
import type { ActionName } from "@/lib/protected-actions";
import { Invalid } from "@/lib/step-up/refusal";
import type { PolicyDocument } from "./document";
import { type Alike, type Demanded, demandedBy, reachOf, readAlike } from "./reach";
import {
  mostDecisions,
  readAuthenticatorsOf,
  readBeginning,
  readDecisions,
  replayedDays,
} from "./read-decisions";
import { type Costs, type PastDecision, Replay } from "./replay";

/** What another policy would mean for one action. Counts alone: who it is, is nobody's business here. */
export type DryRunRow = {
  action: ActionName;
  /** Who comes to it, with an open account. */
  people: number;
  /** How many of them could not confirm it now, under either policy. */
  unable: { before: number; after: number };
  /** How many of those who did it in the time looked at could not have. */
  stopped: { before: number; after: number };
  promptsADay: { before: number; after: number };
};

export type DryRun = {
  rows: DryRunRow[];
  /** Who has no second factor that works, and would have less time for one. */
  demanded: Demanded;
  /** Decisions that were replayed, and over how many days they are spread. */
  decisions: number;
  days: number;
  /** There were more decisions than are replayed: only the newest were. */
  cut: boolean;
};

/** How many decisions are replayed before others get a turn: one process answers everybody. */
const atATime = 2_000;

/** The replay takes a process's time and memory, and a session is enough to ask for it. */
let isRunning = false;

/**
 * Holds a policy against the people who are here and the decisions of the last 30 days, through `decide` itself. One at a
 * time in a process: throws Invalid in words while another one runs. `most`: decisions that are replayed, the newest.
 */
export async function dryRun(
  read: Reader,
  before: PolicyDocument,
  after: PolicyDocument,
  most = mostDecisions,
): Promise<DryRun> {
  if (isRunning) throw new Invalid({}, "Another dry run is going on. Try again in a moment.");
  isRunning = true;
  try {
    const [groups, decisions, beginning] = await Promise.all([
      readAlike(read),
      readDecisions(read, most),
      readBeginning(read),
    ]);
    const costs = await replayBoth(read, before, after, decisions);
    const cut = decisions.length === most;
    const days = daysSince((cut && decisions[0]?.at) || beginning);
    const rows = rowsOf(before, after, groups, costs, days);
    return { rows, demanded: demandedBy(before, after, groups), decisions: decisions.length, days, cut };
  } finally {
    isRunning = false;
  }
}

async function replayBoth(read: Reader, before: PolicyDocument, after: PolicyDocument, past: PastDecision[]) {
  const authenticators = await readAuthenticatorsOf(read, new Set(past.map(({ personId }) => personId)));
  const replays = { before: new Replay(before, authenticators), after: new Replay(after, authenticators) };
  for (const [index, one] of past.entries()) {
    replays.before.follow(one);
    replays.after.follow(one);
    if (index % atATime === atATime - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  return { before: replays.before.costs, after: replays.after.costs };
}

/** Whole days, of those that are looked at: a young log is spread over its own. */
function daysSince(first: Date): number {
  const days = Math.ceil((Date.now() - first.getTime()) / 86_400_000);
  return Math.max(1, Math.min(replayedDays, days));
}

function rowsOf(
  before: PolicyDocument,
  after: PolicyDocument,
  groups: readonly Alike[],
  costs: { before: Costs; after: Costs },
  days: number,
): DryRunRow[] {
  const reachAfter = reachOf(after, groups);
  return reachOf(before, groups).map(({ action, people, able }, index): DryRunRow => {
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
