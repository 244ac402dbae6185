import { buildIfStale } from "./lib/build.mjs";
import { mustRunNode, tools } from "./lib/run.mjs";
import { speaking } from "./lib/sentences.mjs";
import { setup } from "./setup.mjs";

/*
 * npm run test:faults                        every fault once, some minutes
 * npm run test:faults -- --minutes 30        for as long, every fault in turn
 * npm run test:faults -- --rounds 4          so many faults
 * npm run test:faults -- --only kill-app     one kind of fault (or several: repeat it)
 * npm run test:faults -- --seed 12           the same faults in the same order as the run that printed this seed
 *
 * What is broken, what must hold, and what was seen: docs/faults.md.
 */
await speaking(async () => {
  await setup();
  await buildIfStale();
  await mustRunNode([...tools.tsx, "scripts/faults/main.ts", ...process.argv.slice(2)]);
});
