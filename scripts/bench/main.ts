import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../lib/run.mjs";
import { Stop, speaking } from "../lib/sentences.mjs";
import { buildBenchApp } from "./app";
import { type Databases, startDatabases } from "./databases";
import { type Figure, lineOf } from "./figure";
import { actions } from "./parts/actions";
import { customers } from "./parts/customers";
import { log } from "./parts/log";
import { pages } from "./parts/pages";
import { start } from "./parts/start";
import { stepUp } from "./parts/step-up";
import { weight } from "./parts/weight";
import { onStage } from "./stage";

/** A part of the measurements. `rounds`: how many pairs of batches it compares. */
type Part = (databases: Databases, rounds: number) => Promise<Figure[]>;

const parts: Record<string, Part> = {
  "step-up": onStage(stepUp),
  actions: onStage(actions),
  pages: onStage(pages),
  weight: onStage(weight),
  log,
  start,
  customers,
};

await speaking(async () => {
  const { values } = parseArgs({
    options: { quick: { type: "boolean" }, only: { type: "string", multiple: true } },
  });
  const names = values.only ?? Object.keys(parts);
  const unknown = names.find((name) => !parts[name]);
  if (unknown) throw new Stop(`--only ${unknown}: there are ${Object.keys(parts).join(", ")}.`);
  if (names.some((name) => name !== "log")) {
    console.log("Building a copy with the things to compare with …");
    await buildBenchApp();
  }
  const databases = await startDatabases();
  const figures: Figure[] = [];
  try {
    for (const name of names) {
      console.log(`\n${name}`);
      for (const one of (await parts[name]?.(databases, values.quick ? 3 : 7)) ?? []) {
        figures.push(one);
        console.log(`  ${lineOf(one)}`);
      }
    }
  } finally {
    await databases.postgres.stop();
  }
  report(figures, databases.postgres.version);
});

function report(figures: Figure[], postgres: string): void {
  const [processor] = cpus();
  const machine = {
    processor: processor?.model ?? "unknown",
    cores: cpus().length,
    node: process.versions.node,
    postgres,
  };
  const file = join(root, ".cache/bench/latest.json");
  mkdirSync(join(root, ".cache/bench"), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), machine, figures }, null, 2)}\n`);
  console.log(
    `\n${machine.cores} × ${machine.processor}, Node ${machine.node}, PostgreSQL ${machine.postgres}`,
  );
  console.log(`All of it as JSON: ${file}`);
}
