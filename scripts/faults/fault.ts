import { setTimeout as pause } from "node:timers/promises";
import type { People } from "./people";
import type { Random } from "./random";
import type { Stage } from "./stage";

export type Scene = Stage & { people: People; random: Random };

/** One kind of fault: breaks something while people work, sees what they see meanwhile, and mends it. */
export type Fault = {
  name: string;
  /** Ends when the cause is gone; the app must then recover by itself. Throws, or notes in the journal, what is wrong. */
  strike(scene: Scene): Promise<void>;
};

/** Lets people work on for a moment. */
export function moment({ random }: Scene, least = 200, most = 1_500): Promise<void> {
  return pause(random.between(least, most));
}

/** What somebody sees who looks just now: whether the app says that it is ready, and a page, which tells no detail. */
export async function look({ people, journal }: Scene, { ready }: { ready: boolean }): Promise<void> {
  const state = await people.onlooker.open("/api/ready");
  if (state && ready !== (state.status === 200))
    journal.faults.push(`/api/ready answered ${state.status} ${state.text}`);
  await people.onlooker.open("/customers");
}
