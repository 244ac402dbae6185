import { mustRunNode, tools } from "./lib/run.mjs";
import { speaking } from "./lib/sentences.mjs";
import { setup } from "./setup.mjs";

/*
 * npm run bench                    all measurements, some ten minutes
 * npm run bench -- --quick         fewer rounds
 * npm run bench -- --only pages    one part: step-up, actions, pages, weight, log, start or customers
 *
 * Prints a table and keeps it as JSON in .cache/bench/latest.json. What is measured, and how: docs/performance.md.
 */
await speaking(async () => {
  await setup();
  await mustRunNode([...tools.tsx, "scripts/bench/main.ts", ...process.argv.slice(2)]);
});
